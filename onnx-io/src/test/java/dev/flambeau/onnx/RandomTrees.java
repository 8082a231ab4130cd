package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Trees with random splits, written in both of ONNX's ways. */
final class RandomTrees {
  private static final int FEATURES = 4;
  private static final List<String> MODES =
      List.of("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ");

  private record Part(int tree, int node, int feature, String mode, float value, int yes, int no) {
    boolean isLeaf() {
      return mode.equals("LEAF");
    }
  }

  private final Random random;
  private final List<Part> parts = new ArrayList<>();
  private final boolean missing;
  private final long[] tracks;
  private long[] targets = {};
  private float[] weights = {};

  /**
   * @param missing whether NaN is among the features
   */
  RandomTrees(Random random, int trees, int depth, boolean missing) {
    this.random = random;
    this.missing = missing;
    for (int t = 0; t < trees; t++) {
      int first = parts.size();
      grow(t, first, depth);
    }
    tracks = missing ? random.longs(parts.size(), 0, 2).toArray() : new long[parts.size()];
  }

  private int grow(int tree, int first, int depth) {
    int at = parts.size();
    parts.add(null);
    if (depth == 0 || at > first && random.nextInt(4) == 0) {
      parts.set(at, new Part(tree, at - first, 0, "LEAF", 0, 0, 0));
    } else {
      String mode = MODES.get(random.nextInt(MODES.size()));
      int no = grow(tree, first, depth - 1);
      int yes = grow(tree, first, depth - 1);
      int feature = random.nextInt(FEATURES);
      parts.set(at, new Part(tree, at - first, feature, mode, value(), yes, no));
    }
    return at - first;
  }

  /** One of few values, so that equality is met. */
  private float value() {
    return (random.nextInt(7) - 3) / 4f;
  }

  Tensor rows(int count) {
    float[] out = new float[count * FEATURES];
    for (int i = 0; i < out.length; i++) {
      out[i] = missing && random.nextInt(6) == 0 ? Float.NaN : value();
    }
    return Torch.tensor(out, count, FEATURES);
  }

  private interface Get {
    long of(Part part);
  }

  private long[] all(Get get) {
    return parts.stream().mapToLong(get::of).toArray();
  }

  private float[] values() {
    float[] out = new float[parts.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = parts.get(i).value;
    }
    return out;
  }

  OneNode nodes(OneNode node) {
    return node.with("nodes_treeids", all(Part::tree))
        .with("nodes_nodeids", all(Part::node))
        .with("nodes_featureids", all(Part::feature))
        .with("nodes_modes", parts.stream().map(Part::mode).toArray(String[]::new))
        .with("nodes_values", values())
        .with("nodes_missing_value_tracks_true", tracks)
        .with("nodes_truenodeids", all(Part::yes))
        .with("nodes_falsenodeids", all(Part::no));
  }

  /**
   * A vote at each leaf.
   *
   * @param every whether for each target instead of one
   */
  void votes(OneNode node, String name, int count, boolean every, double low, double high) {
    long[] drawn = random.longs(parts.size() * count, 0, count).toArray();
    if (every) {
      Arrays.setAll(drawn, i -> i % count);
    }
    votes(node, name, drawn, every ? count : 1, low, high);
  }

  void votesFor(OneNode node, int voted, double low, double high) {
    long[] same = new long[parts.size()];
    Arrays.fill(same, voted);
    votes(node, "class", same, 1, low, high);
  }

  private void votes(OneNode node, String name, long[] drawn, int each, double low, double high) {
    List<Part> leaves =
        parts.stream()
            .filter(Part::isLeaf)
            .flatMap(p -> Collections.nCopies(each, p).stream())
            .toList();
    targets = Arrays.copyOf(drawn, leaves.size());
    weights = new float[leaves.size()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (low + (high - low) * random.nextDouble());
    }
    node.with(name + "_treeids", leaves.stream().mapToLong(Part::tree).toArray())
        .with(name + "_nodeids", leaves.stream().mapToLong(Part::node).toArray())
        .with(name + "_ids", targets)
        .with(name + "_weights", weights);
  }

  /** The same trees and votes as TreeEnsemble has them. */
  OneNode ensemble(int aggregate, int count) {
    List<Part> inner = parts.stream().filter(p -> !p.isLeaf()).toList();
    List<Part> leaves = parts.stream().filter(Part::isLeaf).toList();
    long[] modes = inner.stream().mapToLong(p -> MODES.indexOf(p.mode)).toArray();
    float[] splits = new float[inner.size()];
    long[] missed = new long[inner.size()];
    for (int i = 0; i < splits.length; i++) {
      splits[i] = inner.get(i).value;
      missed[i] = tracks[parts.indexOf(inner.get(i))];
    }
    return new OneNode("ai.onnx.ml", "TreeEnsemble", 5)
        .with("aggregate_function", aggregate)
        .with("n_targets", count)
        .with(
            "tree_roots",
            inner.stream().filter(p -> p.node == 0).mapToLong(inner::indexOf).toArray())
        .with("nodes_featureids", inner.stream().mapToLong(Part::feature).toArray())
        .with("nodes_modes", Torch.tensor(modes, modes.length).to(DType.U8))
        .with("nodes_splits", Torch.tensor(splits, splits.length))
        .with("nodes_missing_value_tracks_true", missed)
        .with("nodes_truenodeids", branch(inner, leaves, true, false))
        .with("nodes_falsenodeids", branch(inner, leaves, false, false))
        .with("nodes_trueleafs", branch(inner, leaves, true, true))
        .with("nodes_falseleafs", branch(inner, leaves, false, true))
        .with("leaf_targetids", targets)
        .with("leaf_weights", Torch.tensor(weights, weights.length));
  }

  private long[] branch(List<Part> inner, List<Part> leaves, boolean yes, boolean leaf) {
    return inner.stream()
        .mapToLong(
            p -> {
              Part to = find(p.tree, yes ? p.yes : p.no);
              return leaf ? to.isLeaf() ? 1 : 0 : (to.isLeaf() ? leaves : inner).indexOf(to);
            })
        .toArray();
  }

  private Part find(int tree, int node) {
    return parts.stream().filter(p -> p.tree == tree && p.node == node).findFirst().orElseThrow();
  }
}
