package dev.flambeau.onnx;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which nodes of a {@link ModelEdit}, in bodies too, make and take each value. */
final class ValueUses {
  private final Map<String, NodeEdit> makers = new HashMap<>();
  private final Map<String, Set<NodeEdit>> users = new HashMap<>();

  Optional<NodeEdit> maker(String value) {
    return Optional.ofNullable(makers.get(value));
  }

  List<NodeEdit> users(String value) {
    return List.copyOf(users.getOrDefault(value, Set.of()));
  }

  boolean isTaken(String value) {
    return users.containsKey(value);
  }

  void note(NodeEdit node) {
    node.inputs().forEach(value -> use(value, node));
    node.outputs().stream().filter(o -> !o.isEmpty()).forEach(o -> makers.put(o, node));
  }

  void forget(NodeEdit node) {
    Set.copyOf(node.inputs()).forEach(value -> unuse(value, node));
    node.outputs().forEach(o -> makers.remove(o, node));
  }

  /** Takes note that a node no longer takes {@code before} at one place, but {@code after}. */
  void changed(NodeEdit node, String before, String after) {
    if (!node.inputs().contains(before)) {
      unuse(before, node);
    }
    use(after, node);
  }

  private void use(String value, NodeEdit node) {
    if (!value.isEmpty()) {
      users.computeIfAbsent(value, _ -> new LinkedHashSet<>()).add(node);
    }
  }

  private void unuse(String value, NodeEdit node) {
    Set<NodeEdit> all = users.get(value);
    if (all != null && all.remove(node) && all.isEmpty()) {
      users.remove(value);
    }
  }
}
