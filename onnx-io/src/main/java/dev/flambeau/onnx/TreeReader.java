package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Trees from the attributes of the two ways in which ONNX writes them. */
final class TreeReader {
  private TreeReader() {}

  private record Place(long tree, long node) {}

  /** An attribute that may instead be a tensor with {@code _as_tensor} behind its name. */
  static double[] numbers(Call c, String name) {
    String tensor = name + "_as_tensor";
    return c.node().has(tensor) ? tensor(c, tensor) : c.node().floats(name, new double[0]);
  }

  private static double[] tensor(Call c, String name) {
    OnnxValue value = c.node().value(name).orElse(null);
    if (value instanceof OnnxValue.Numbers(Tensor t, _)) {
      return Call.doubles(t);
    }
    throw c.bad(name, value == null ? "missing" : value.describe(), "a tensor of numbers");
  }

  private static long[] ints(Call c, String name, int count) {
    long[] values = c.node().ints(name, new long[0]);
    if (values.length != count) {
      throw c.bad(name, values.length + " numbers", "" + count);
    }
    return values;
  }

  private static int small(Call c, String name, long value) {
    if (value < 0 || value >= Integer.MAX_VALUE) {
      throw c.bad(name, value, "0 or more");
    }
    return (int) value;
  }

  private static boolean[] missing(Call c, int count) {
    long[] given = c.node().ints("nodes_missing_value_tracks_true", new long[0]);
    boolean[] missing = new boolean[count];
    for (int i = 0; i < count && i < given.length; i++) {
      missing[i] = given[i] != 0;
    }
    return missing;
  }

  /**
   * TreeEnsembleRegressor and TreeEnsembleClassifier: nodes have numbers within their tree, leaves
   * among them; a tree's first node is its root.
   *
   * @param votes what votes are called: target or class
   */
  static Trees trees(Call c, String votes) {
    List<String> modes = c.node().strings("nodes_modes");
    int count = modes.size();
    long[] trees = ints(c, "nodes_treeids", count);
    long[] numbers = ints(c, "nodes_nodeids", count);
    Map<Place, Integer> places = new HashMap<>();
    int[] index = new int[count];
    int inner = 0;
    int leaves = 0;
    Map<Long, Integer> roots = new HashMap<>();
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      index[i] = modes.get(i).equals("LEAF") ? -1 - leaves++ : inner++;
      if (places.put(new Place(trees[i], numbers[i]), index[i]) != null) {
        throw c.bad("nodes_nodeids", numbers[i], "each once in a tree");
      }
      if (roots.putIfAbsent(trees[i], index[i]) == null) {
        order.add(index[i]);
      }
    }
    Trees.Nodes nodes = nodes(c, index, inner, places);
    int[] starts = order.stream().mapToInt(Integer::intValue).toArray();
    return new Trees(c, nodes, leaves(c, votes, leaves, places), starts);
  }

  private static Trees.Nodes nodes(Call c, int[] index, int inner, Map<Place, Integer> places) {
    int count = index.length;
    List<String> modes = c.node().strings("nodes_modes");
    long[] trees = ints(c, "nodes_treeids", count);
    long[] yes = ints(c, "nodes_truenodeids", count);
    long[] no = ints(c, "nodes_falsenodeids", count);
    long[] features = ints(c, "nodes_featureids", count);
    double[] values = numbers(c, "nodes_values");
    boolean[] missing = missing(c, count);
    if (values.length != count) {
      throw c.bad("nodes_values", values.length + " numbers", "" + count);
    }
    Trees.Nodes out =
        new Trees.Nodes(
            new int[inner],
            new Trees.Mode[inner],
            new double[inner],
            new double[inner][],
            new boolean[inner],
            new int[inner],
            new int[inner]);
    for (int i = 0; i < count; i++) {
      int at = index[i];
      if (at >= 0) {
        out.features()[at] = small(c, "nodes_featureids", features[i]);
        out.modes()[at] = mode(c, modes.get(i));
        out.thresholds()[at] = values[i];
        out.missing()[at] = missing[i];
        out.yes()[at] = find(c, places, trees[i], yes[i]);
        out.no()[at] = find(c, places, trees[i], no[i]);
      }
    }
    return out;
  }

  private static Trees.Mode mode(Call c, String name) {
    for (Trees.Mode mode : Trees.Mode.values()) {
      if (mode != Trees.Mode.MEMBER && name.equals("BRANCH_" + mode)) {
        return mode;
      }
    }
    throw c.bad("nodes_modes", name, "LEAF, BRANCH_LEQ, _LT, _GTE, _GT, _EQ, _NEQ");
  }

  private static int find(Call c, Map<Place, Integer> places, long tree, long node) {
    Integer found = places.get(new Place(tree, node));
    if (found == null) {
      throw c.bad("node ids", node + " of tree " + tree, "a node of it");
    }
    return found;
  }

  /** Votes that stand at inner nodes, which old converters wrote, do not count. */
  private static Trees.Leaves leaves(Call c, String votes, int leaves, Map<Place, Integer> places) {
    long[] targets = c.node().ints(votes + "_ids", new long[0]);
    long[] trees = ints(c, votes + "_treeids", targets.length);
    long[] numbers = ints(c, votes + "_nodeids", targets.length);
    double[] weights = numbers(c, votes + "_weights");
    if (weights.length != targets.length) {
      throw c.bad(votes + "_weights", weights.length + " numbers", "" + targets.length);
    }
    int[] starts = new int[leaves + 1];
    int[] owner = new int[targets.length];
    for (int i = 0; i < owner.length; i++) {
      owner[i] = find(c, places, trees[i], numbers[i]);
      if (owner[i] < 0) {
        starts[-owner[i]]++;
      }
    }
    for (int i = 0; i < leaves; i++) {
      starts[i + 1] += starts[i];
    }
    int[] next = Arrays.copyOf(starts, leaves);
    Trees.Leaves out =
        new Trees.Leaves(starts, new int[starts[leaves]], new double[starts[leaves]]);
    for (int i = 0; i < owner.length; i++) {
      if (owner[i] < 0) {
        int at = next[-1 - owner[i]]++;
        out.targets()[at] = small(c, votes + "_ids", targets[i]);
        out.weights()[at] = weights[i];
      }
    }
    return out;
  }

  /** TreeEnsemble: nodes and leaves each in a list of their own, one vote a leaf. */
  static Trees ensemble(Call c) {
    double[] modes = tensor(c, "nodes_modes");
    int count = modes.length;
    double[] weights = tensor(c, "leaf_weights");
    long[] features = ints(c, "nodes_featureids", count);
    double[] splits = tensor(c, "nodes_splits");
    int[] yes = branches(c, "true", count);
    int[] no = branches(c, "false", count);
    if (splits.length != count) {
      throw c.bad("nodes_splits", splits.length + " numbers", "" + count);
    }
    Trees.Mode[] all = new Trees.Mode[count];
    int[] columns = new int[count];
    for (int i = 0; i < count; i++) {
      if (!(modes[i] >= 0 && modes[i] < Trees.Mode.values().length)) {
        throw c.bad("nodes_modes", modes[i], "0 to 6");
      }
      all[i] = Trees.Mode.values()[(int) modes[i]];
      columns[i] = small(c, "nodes_featureids", features[i]);
    }
    long[] targets = ints(c, "leaf_targetids", weights.length);
    int[] starts = IntStream.rangeClosed(0, weights.length).toArray();
    int[] of = new int[weights.length];
    for (int i = 0; i < of.length; i++) {
      of[i] = small(c, "leaf_targetids", targets[i]);
    }
    int[] roots = roots(c, yes, no);
    double[][] members = members(c, all);
    Trees.Nodes nodes = new Trees.Nodes(columns, all, splits, members, missing(c, count), yes, no);
    return new Trees(c, nodes, new Trees.Leaves(starts, of, weights), roots);
  }

  private static int[] branches(Call c, String side, int count) {
    long[] ids = ints(c, "nodes_" + side + "nodeids", count);
    long[] leaf = ints(c, "nodes_" + side + "leafs", count);
    int[] out = new int[count];
    for (int i = 0; i < count; i++) {
      int id = small(c, "nodes_" + side + "nodeids", ids[i]);
      out[i] = leaf[i] != 0 ? -1 - id : id;
    }
    return out;
  }

  /** A root whose branches are one leaf stands for that leaf. */
  private static int[] roots(Call c, int[] yes, int[] no) {
    long[] given = c.node().ints("tree_roots", new long[0]);
    int[] roots = new int[given.length];
    for (int i = 0; i < roots.length; i++) {
      int root = small(c, "tree_roots", given[i]);
      if (root >= yes.length) {
        throw c.bad("tree_roots", root, "a node: 0 to " + (yes.length - 1));
      }
      roots[i] = yes[root] < 0 && yes[root] == no[root] ? yes[root] : root;
    }
    return roots;
  }

  /** The sets of the nodes that ask for membership, in the nodes' order, each ended by NaN. */
  private static double[][] members(Call c, Trees.Mode[] modes) {
    double[][] members = new double[modes.length][];
    if (!Arrays.asList(modes).contains(Trees.Mode.MEMBER)) {
      return members;
    }
    double[] all = tensor(c, "membership_values");
    int next = 0;
    for (int node = 0; node < modes.length; node++) {
      if (modes[node] == Trees.Mode.MEMBER) {
        int end = next;
        while (end < all.length && !Double.isNaN(all[end])) {
          end++;
        }
        if (next >= all.length) {
          throw c.bad("membership_values", "fewer sets than nodes", "a set a node");
        }
        double[] set = Arrays.copyOfRange(all, next, end);
        for (int i = 0; i < set.length; i++) {
          set[i] = set[i] == 0 ? 0.0 : set[i];
        }
        Arrays.sort(set);
        members[node] = set;
        next = end + 1;
      }
    }
    return members;
  }
}
