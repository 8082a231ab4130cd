package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What is known of the values at a place of a file, with what the file declares for them. */
final class ShapeScope {
  private final ShapeScope around;
  private final Map<String, Long> opsets;
  private final Map<String, AttributeProto> bound;
  private final Map<String, Known> values = new HashMap<>();
  private final Map<String, ValueType> declared = new HashMap<>();
  private final Set<String> settled = new HashSet<>();

  /**
   * @param around the graph around a body; null if there is none
   * @param bound attributes of the function it is in
   */
  private ShapeScope(
      ShapeScope around, Map<String, Long> opsets, Map<String, AttributeProto> bound) {
    this.around = around;
    this.opsets = opsets;
    this.bound = bound;
  }

  static ShapeScope graph(Map<String, Long> opsets, Map<String, AttributeProto> bound) {
    return new ShapeScope(null, opsets, bound);
  }

  /** For a body in this graph. */
  ShapeScope inside() {
    return new ShapeScope(this, opsets, bound);
  }

  Map<String, AttributeProto> bound() {
    return bound;
  }

  long opset(String domain) {
    return opsets.getOrDefault(domain, 1L);
  }

  Known find(String name) {
    for (ShapeScope scope = this; scope != null; scope = scope.around) {
      Known value = scope.values.get(name);
      if (value != null) {
        return value;
      }
    }
    return Known.NOTHING;
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  void put(String name, Known value) {
    values.put(name, value);
  }

  /** A node's value, with what the file declares for it. */
  void settle(String name, Known value) {
    values.put(name, value);
    settled.add(name);
  }

  boolean isSettled(String name) {
    return settled.contains(name);
  }

  void declare(String name, ValueType type) {
    declared.put(name, type);
  }

  ValueType declared(String name) {
    return declared.getOrDefault(name, new ValueType.Unknown());
  }

  /** The values of this graph alone. */
  Map<String, Known> values() {
    return values;
  }
}
