package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.AttributeProto.AttributeType;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.TorchException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** A node of the file with its attributes by name; tensors among them are read once. */
final class Node {
  private final NodeProto proto;
  private final long opset;
  private final Map<String, AttributeProto> attributes = new HashMap<>();
  private final Map<String, OnnxValue> values = new HashMap<>();
  private final Map<String, Block> bodies = new HashMap<>();
  private final Map<String, Object> prepared = new ConcurrentHashMap<>();

  /**
   * @param bound attributes of the function this node is in, which its own may refer to
   */
  Node(NodeProto proto, long opset, TensorReader reader, Map<String, AttributeProto> bound) {
    this.proto = proto;
    this.opset = opset;
    for (AttributeProto written : proto.getAttributeList()) {
      AttributeProto attribute = written;
      if (!written.getRefAttrName().isEmpty()) {
        attribute = bound.get(written.getRefAttrName());
      }
      if (attribute == null) {
        continue;
      }
      if (attributes.put(written.getName(), attribute) != null) {
        throw TorchException.format(
            reader.file(), describe() + " has two attributes named " + written.getName());
      }
      TensorReader inside = reader.at(describe());
      if (attribute.hasT()) {
        values.put(written.getName(), inside.read(attribute.getT()));
      } else if (attribute.hasSparseTensor()) {
        values.put(written.getName(), inside.read(attribute.getSparseTensor()));
      }
    }
  }

  /** A node without attributes. */
  Node(NodeProto proto) {
    this.proto = proto;
    this.opset = 1;
  }

  /** What an operator makes of the attributes the first time and uses from then on; no tensors. */
  <T> T prepared(String name, Class<T> type, Supplier<T> maker) {
    return type.cast(prepared.computeIfAbsent(name, _ -> maker.get()));
  }

  String type() {
    return proto.getOpType();
  }

  String domain() {
    return Names.domain(proto.getDomain());
  }

  String name() {
    return proto.getName();
  }

  long opset() {
    return opset;
  }

  List<String> inputs() {
    return proto.getInputList();
  }

  List<String> outputs() {
    return proto.getOutputList();
  }

  String describe() {
    return proto.getName().isEmpty() ? type() : type() + " '" + proto.getName() + "'";
  }

  Map<String, AttributeProto> attributes() {
    return attributes;
  }

  Map<String, Block> bodies() {
    return bodies;
  }

  boolean has(String name) {
    return attributes.containsKey(name);
  }

  private Optional<AttributeProto> get(String name, AttributeType type) {
    AttributeProto a = attributes.get(name);
    if (a != null && a.getType() != type && a.getType() != AttributeType.UNDEFINED) {
      throw TorchException.argument("ONNX " + describe(), name, a.getType(), "type " + type);
    }
    return Optional.ofNullable(a);
  }

  long i(String name, long fallback) {
    return get(name, AttributeType.INT).map(AttributeProto::getI).orElse(fallback);
  }

  boolean flag(String name, boolean fallback) {
    return i(name, fallback ? 1 : 0) != 0;
  }

  double f(String name, double fallback) {
    return get(name, AttributeType.FLOAT).map(a -> (double) a.getF()).orElse(fallback);
  }

  String s(String name, String fallback) {
    return get(name, AttributeType.STRING)
        .map(a -> a.getS().toString(StandardCharsets.UTF_8))
        .orElse(fallback);
  }

  long[] ints(String name, long[] fallback) {
    return get(name, AttributeType.INTS)
        .map(a -> a.getIntsList().stream().mapToLong(Long::longValue).toArray())
        .orElse(fallback);
  }

  /** The same array each time. */
  double[] floats(String name, double[] fallback) {
    return get(name, AttributeType.FLOATS)
        .map(
            a ->
                prepared(
                    name,
                    double[].class,
                    () -> a.getFloatsList().stream().mapToDouble(Float::doubleValue).toArray()))
        .orElse(fallback);
  }

  List<String> strings(String name) {
    return get(name, AttributeType.STRINGS)
        .map(a -> a.getStringsList().stream().map(b -> b.toString(StandardCharsets.UTF_8)).toList())
        .orElse(List.of());
  }

  Optional<OnnxValue> value(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /** The element type that attribute {@code name} names. */
  ElementType element(String name, ElementType fallback) {
    return has(name)
        ? ElementType.require(i(name, 0), "ONNX " + describe() + ", " + name)
        : fallback;
  }

  /** The type of the tensors that hold elements of the type that attribute {@code name} names. */
  DType dtype(String name, ElementType fallback) {
    return element(name, fallback).require("ONNX " + describe() + ", " + name);
  }
}
