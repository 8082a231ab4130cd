package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import java.util.Arrays;

/**
 * Decision trees in arrays: a node compares a feature with a threshold and leads to another node,
 * or, with a negative number k, to leaf -1 - k; a leaf has votes for targets. What a tree gives has
 * no gradient: it is constant almost everywhere.
 */
final class Trees {
  /** What holds at a node where its first branch is taken, as TreeEnsemble numbers them. */
  enum Mode {
    LEQ,
    LT,
    GTE,
    GT,
    EQ,
    NEQ,
    MEMBER
  }

  /**
   * The inner nodes, an element each.
   *
   * @param members of a node of mode MEMBER, sorted; others have none
   * @param missing whether the first branch is taken for NaN
   */
  record Nodes(
      int[] features,
      Mode[] modes,
      double[] thresholds,
      double[][] members,
      boolean[] missing,
      int[] yes,
      int[] no) {}

  /** The votes of leaf k are those from starts[k] to starts[k + 1]. */
  record Leaves(int[] starts, int[] targets, double[] weights) {}

  /** Sees where a row ends in a tree. */
  interface Votes {
    void add(int row, int target, double weight);
  }

  private final Nodes nodes;
  private final Leaves leaves;
  private final int[] roots;
  private final int widest;
  private final long[] depths;

  /**
   * @param roots nodes or leaves, one a tree
   * @throws dev.flambeau.torch.TorchException if a branch leads nowhere or in a circle
   */
  Trees(Call c, Nodes nodes, Leaves leaves, int[] roots) {
    this.nodes = nodes;
    this.leaves = leaves;
    this.roots = roots;
    int most = -1;
    for (int feature : nodes.features) {
      if (feature < 0) {
        throw c.bad("nodes_featureids", feature, "0 or more");
      }
      most = Math.max(most, feature);
    }
    this.widest = most + 1;
    for (int[] all : new int[][] {nodes.yes, nodes.no, roots}) {
      for (int to : all) {
        if (to >= nodes.yes.length || -1 - to >= leaves.starts.length - 1) {
          throw c.bad("node ids", to, "a node or leaf of the tree");
        }
      }
    }
    this.depths = depths(c);
  }

  /** How many nodes are at most passed from each node on. */
  private long[] depths(Call c) {
    int count = nodes.yes.length;
    long[] depths = new long[count];
    boolean[] open = new boolean[count];
    int[] path = new int[count];
    for (int start = 0; start < count; start++) {
      int top = 0;
      if (depths[start] == 0) {
        path[top++] = start;
        open[start] = true;
      }
      while (top > 0) {
        int at = path[top - 1];
        int next = unknown(nodes.yes[at], depths) ? nodes.yes[at] : nodes.no[at];
        if (unknown(next, depths)) {
          if (open[next]) {
            throw c.bad("node ids", "branches in a circle", "a tree");
          }
          path[top++] = next;
          open[next] = true;
        } else {
          depths[at] = 1 + Math.max(depth(nodes.yes[at], depths), depth(nodes.no[at], depths));
          open[at] = false;
          top--;
        }
      }
    }
    return depths;
  }

  private static boolean unknown(int to, long[] depths) {
    return to >= 0 && depths[to] == 0;
  }

  private static long depth(int to, long[] depths) {
    return to < 0 ? 0 : depths[to];
  }

  int count() {
    return roots.length;
  }

  /** Lets each row (N, F) fall through each tree. */
  void fall(Call c, Tensor rows, Votes votes) {
    int features = Math.toIntExact(rows.size(1));
    if (features < widest) {
      throw c.bad("X", rows.shape(), widest + " features or more");
    }
    long deepest = Arrays.stream(roots).mapToLong(root -> depth(root, depths)).sum();
    Limits.steps(c.name(), rows.size(0), deepest);
    double[] values = Call.doubles(rows);
    for (int root : roots) {
      for (int row = 0; row < rows.size(0); row++) {
        int at = root;
        while (at >= 0) {
          at =
              holds(at, values[row * features + nodes.features[at]]) ? nodes.yes[at] : nodes.no[at];
        }
        for (int i = leaves.starts[-1 - at]; i < leaves.starts[-at]; i++) {
          votes.add(row, leaves.targets[i], leaves.weights[i]);
        }
      }
    }
  }

  private boolean holds(int node, double x) {
    double threshold = nodes.thresholds[node];
    boolean holds =
        switch (nodes.modes[node]) {
          case LEQ -> x <= threshold;
          case LT -> x < threshold;
          case GTE -> x >= threshold;
          case GT -> x > threshold;
          case EQ -> x == threshold;
          case NEQ -> x != threshold;
          case MEMBER -> Arrays.binarySearch(nodes.members[node], x == 0 ? 0.0 : x) >= 0;
        };
    return holds || nodes.missing[node] && Double.isNaN(x);
  }
}
