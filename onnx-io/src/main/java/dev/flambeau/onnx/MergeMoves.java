package dev.flambeau.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** Makes one of movements of the same elements that follow one another. */
final class MergeMoves {
  private static final String[] RESHAPING = {"Reshape", "Flatten", "Squeeze", "Unsqueeze"};

  private MergeMoves() {}

  /** Number of nodes taken out or replaced. */
  static int run(ModelEdit model, ShapeFacts facts) {
    int count = 0;
    for (NodeEdit node : model.graph().allNodes()) {
      Optional<NodeEdit> before =
          node.inputs().isEmpty() ? Optional.empty() : model.maker(node.input(0));
      if (before.isEmpty()) {
        continue;
      }
      if (node.is("Transpose") && before.get().is("Transpose")) {
        count += transpose(model, facts, node, before.get());
      } else if (node.is(RESHAPING) && before.get().is(RESHAPING)) {
        count += reshape(model, facts, node, before.get());
      }
    }
    return count;
  }

  /** The axes of a Transpose; empty if it reverses an unknown number of them. */
  private static long[] axes(ShapeFacts facts, NodeEdit node) {
    int rank = facts.rank(node.input(0)).orElse(0);
    long[] reversed = LongStream.range(0, rank).map(i -> rank - 1 - i).toArray();
    return node.ints("perm", reversed);
  }

  private static int transpose(ModelEdit model, ShapeFacts facts, NodeEdit node, NodeEdit before) {
    long[] first = axes(facts, before);
    long[] second = axes(facts, node);
    if (first.length == 0 || first.length != second.length) {
      return 0;
    }
    List<Long> both = Arrays.stream(second).mapToObj(i -> first[(int) i]).toList();
    if (DropNoOps.isInOrder(both.stream().mapToLong(Long::longValue).toArray())) {
      return model.bypass(node, before.input(0)) ? 1 : 0;
    }
    model.setInput(node, 0, before.input(0));
    node.set(ExportGraph.attribute("perm", both));
    return 1;
  }

  private static int reshape(ModelEdit model, ShapeFacts facts, NodeEdit node, NodeEdit before) {
    String from = before.input(0);
    if (facts.sameShape(from, node.output())) {
      return model.bypass(node, from) ? 1 : 0;
    }
    Optional<long[]> sizes = facts.reshape(from, node.output());
    if (sizes.isEmpty()) {
      return 0;
    }
    FoldShapes.replace(model, node, from, sizes.get());
    return 1;
  }
}
