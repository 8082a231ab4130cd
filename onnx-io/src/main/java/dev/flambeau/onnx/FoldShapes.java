package dev.flambeau.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Replaces what is computed from shapes by constants, where it does not depend on open sizes. Where
 * it does, Reshape can often do with a constant all the same, as it copies sizes and infers one.
 */
final class FoldShapes {
  private FoldShapes() {}

  /** Number of nodes replaced or changed. */
  static int run(ModelEdit model, ShapeFacts facts) {
    int count = 0;
    for (NodeEdit node : model.graph().allNodes()) {
      if (node.is("Constant") || !node.bodies().isEmpty()) {
        continue;
      }
      if (node.is("Reshape") && !model.constants.has(node.input(1))) {
        count += reshape(model, facts, node);
      } else if (node.outputs().size() == 1) {
        count += value(model, facts, node);
      }
    }
    return count;
  }

  private static int value(ModelEdit model, ShapeFacts facts, NodeEdit node) {
    Optional<OnnxValue.Numbers> known = facts.constant(node.output());
    if (known.isEmpty() || node.reads().stream().allMatch(model.constants::has)) {
      return 0;
    }
    model.remove(node);
    model.number(node.graph(), node.output(), known.get());
    return 1;
  }

  private static int reshape(ModelEdit model, ShapeFacts facts, NodeEdit node) {
    Optional<long[]> sizes = facts.reshape(node.input(0), node.output());
    if (sizes.isEmpty()) {
      return 0;
    }
    replace(model, node, node.input(0), sizes.get());
    return 1;
  }

  /** Puts a Reshape of a value to constant sizes in the place of a node. */
  static void replace(ModelEdit model, NodeEdit node, String from, long[] sizes) {
    GraphEdit graph = node.graph();
    model.remove(node);
    if (model.opset(Registry.STANDARD) < 5) {
      List<Long> shape = Arrays.stream(sizes).boxed().toList();
      model.add(
          graph, "Reshape", List.of(from), node.outputs(), ExportGraph.attribute("shape", shape));
      return;
    }
    String shape = model.longs(graph, node.output() + "/shape", sizes);
    model.add(graph, "Reshape", List.of(from, shape), node.outputs());
  }
}
