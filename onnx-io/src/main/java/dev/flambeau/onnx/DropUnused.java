package dev.flambeau.onnx;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Takes out nodes, constants and functions that no output needs. */
final class DropUnused {
  private DropUnused() {}

  /** Number of nodes and constants taken out. */
  static int run(ModelEdit model) {
    int count = nodes(model, model.graph());
    for (String name : model.constants.listed()) {
      if (!model.isUsed(name)) {
        model.constants.remove(name);
        count++;
      }
    }
    Set<String> called = new HashSet<>();
    model.graph().allNodes().forEach(n -> called.add(n.domain() + "\0" + n.type()));
    for (int before = -1; before < called.size(); ) {
      before = called.size();
      model.functions().stream()
          .filter(f -> called.contains(Names.domain(f.getDomain()) + "\0" + f.getName()))
          .flatMap(f -> f.getNodeList().stream())
          .toList()
          .forEach(n -> called.add(Names.domain(n.getDomain()) + "\0" + n.getOpType()));
    }
    model.keepFunctions(
        model.functions().stream()
            .filter(f -> called.contains(Names.domain(f.getDomain()) + "\0" + f.getName()))
            .toList());
    return count;
  }

  private static int nodes(ModelEdit model, GraphEdit graph) {
    int count = 0;
    List<NodeEdit> order = graph.sorted();
    for (NodeEdit node : order.reversed()) {
      if (node.outputs().stream().noneMatch(o -> !o.isEmpty() && model.isUsed(o))) {
        model.remove(node);
        count++;
      } else {
        for (GraphEdit body : node.bodies().values()) {
          count += nodes(model, body);
        }
      }
    }
    return count;
  }
}
