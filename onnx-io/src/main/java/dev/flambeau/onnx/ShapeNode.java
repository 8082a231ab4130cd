package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.AttributeProto.AttributeType;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.torch.TorchException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A node's operator and attributes, read where they are asked for: unlike {@link Node} it touches
 * no tensor. An attribute of another type than asked for counts as missing.
 */
class ShapeNode {
  private final NodeProto node;
  private final long opset;
  private final Map<String, AttributeProto> attributes = new HashMap<>();

  /**
   * @param bound attributes of the function this node is in, which its own may refer to
   */
  ShapeNode(NodeProto node, long opset, Map<String, AttributeProto> bound) {
    this.node = node;
    this.opset = opset;
    for (AttributeProto written : node.getAttributeList()) {
      String reference = written.getRefAttrName();
      AttributeProto a = reference.isEmpty() ? written : bound.get(reference);
      if (a != null) {
        attributes.put(written.getName(), a);
      }
    }
  }

  NodeProto node() {
    return node;
  }

  String type() {
    return node.getOpType();
  }

  long opset() {
    return opset;
  }

  /** Whether this is an operator of ONNX's own domain. */
  boolean isStandard() {
    return Names.domain(node.getDomain()).isEmpty();
  }

  static String describe(NodeProto node) {
    return node.getName().isEmpty()
        ? node.getOpType()
        : node.getOpType() + " '" + node.getName() + "'";
  }

  TorchException bad(String argument, Object got, String allowed) {
    return TorchException.argument("ONNX " + describe(node), argument, got, allowed);
  }

  boolean hasAttribute(String name) {
    return attributes.containsKey(name);
  }

  Optional<AttributeProto> attribute(String name) {
    return Optional.ofNullable(attributes.get(name));
  }

  private Optional<AttributeProto> attribute(String name, AttributeType type) {
    return attribute(name)
        .filter(a -> a.getType() == type || a.getType() == AttributeType.UNDEFINED);
  }

  long i(String name, long fallback) {
    return attribute(name, AttributeType.INT).map(AttributeProto::getI).orElse(fallback);
  }

  boolean flag(String name, boolean fallback) {
    return i(name, fallback ? 1 : 0) != 0;
  }

  double f(String name, double fallback) {
    return attribute(name, AttributeType.FLOAT).map(a -> (double) a.getF()).orElse(fallback);
  }

  String s(String name, String fallback) {
    return attribute(name, AttributeType.STRING)
        .map(a -> a.getS().toString(StandardCharsets.UTF_8))
        .orElse(fallback);
  }

  /** {@code fallback} too where the list is too long to say something of axes. */
  long[] ints(String name, long[] fallback) {
    return attribute(name, AttributeType.INTS)
        .filter(a -> a.getIntsCount() <= Contents.MOST)
        .map(a -> a.getIntsList().stream().mapToLong(Long::longValue).toArray())
        .orElse(fallback);
  }

  /** The element type that an attribute names. */
  ElementType element(String name, ElementType fallback) {
    return hasAttribute(name)
        ? ElementType.require(i(name, 0), "ONNX " + describe(node) + ", " + name)
        : fallback;
  }
}
