package dev.flambeau.onnx;

import dev.flambeau.torch.TorchException;
import java.util.List;

/** Operators and patterns for nodes' names by which users choose nodes. */
final class NodePatterns {
  private NodePatterns() {}

  static boolean match(NodeEdit node, List<String> patterns) {
    return patterns.stream().anyMatch(p -> p.equals(node.type()) || Globs.matches(p, node.name()));
  }

  /**
   * @throws TorchException if a pattern matches none
   */
  static void check(String method, ModelEdit model, List<String> patterns) {
    List<NodeEdit> nodes = model.graph().allNodes();
    for (String pattern : patterns) {
      if (nodes.stream().noneMatch(n -> match(n, List.of(pattern)))) {
        throw TorchException.argument(
            method,
            "pattern",
            "'" + pattern + "'",
            "an operator or name of a node, such as "
                + Globs.some(
                    nodes.stream().map(NodeEdit::name).filter(n -> !n.isEmpty()).toList()));
      }
    }
  }
}
