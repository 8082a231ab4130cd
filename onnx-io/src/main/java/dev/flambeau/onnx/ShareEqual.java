package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.TensorProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Lets equal constants be one, and what is computed twice be computed once. Vectors of floats stay
 * apart: they are biases and statistics of different layers, equal by chance.
 */
final class ShareEqual {
  private ShareEqual() {}

  private record Key(NodeEdit.Meaning meaning, List<String> inputs) {}

  /** Number of constants and nodes taken out. */
  static int run(ModelEdit model) {
    return constants(model) + nodes(model, model.graph());
  }

  private static int constants(ModelEdit model) {
    Map<TensorProto, String> seen = new HashMap<>();
    int count = 0;
    for (TensorProto t : List.copyOf(model.graph().initializers.values())) {
      if (model.constants.isVector(t.getName()) || model.isResult(t.getName())) {
        continue;
      }
      String first = seen.putIfAbsent(t.toBuilder().clearName().build(), t.getName());
      if (first != null) {
        model.rewire(t.getName(), first);
        model.constants.remove(t.getName());
        count++;
      }
    }
    return count;
  }

  private static int nodes(ModelEdit model, GraphEdit graph) {
    Map<Key, NodeEdit> seen = new HashMap<>();
    int count = 0;
    for (NodeEdit node : graph.sorted()) {
      for (GraphEdit body : node.bodies().values()) {
        count += nodes(model, body);
      }
      if (!node.bodies().isEmpty() || !Evaluator.isDeterministic(node)) {
        continue;
      }
      NodeEdit first = seen.putIfAbsent(new Key(node.meaning(), List.copyOf(node.inputs())), node);
      if (first != null && share(model, node, first)) {
        count++;
      }
    }
    return count;
  }

  private static boolean share(ModelEdit model, NodeEdit node, NodeEdit first) {
    for (int i = 0; i < node.outputs().size(); i++) {
      boolean used = !node.outputs().get(i).isEmpty() && model.isUsed(node.outputs().get(i));
      boolean more = i > 0 && model.isResult(node.outputs().get(i));
      if (more || used && first.outputs().get(i).isEmpty()) {
        return false;
      }
    }
    for (int i = 1; i < node.outputs().size(); i++) {
      model.rewire(node.outputs().get(i), first.outputs().get(i));
    }
    return model.bypass(node, first.output());
  }
}
