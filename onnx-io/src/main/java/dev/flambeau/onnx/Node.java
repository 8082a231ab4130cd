package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A node of the file with its attributes by name; tensors among them are read once. */
final class Node {
  private final NodeProto proto;
  private final long opset;
  private final Map<String, AttributeProto> attributes = new HashMap<>();
  private final Map<String, Tensor> tensors = new HashMap<>();

  Node(NodeProto proto, long opset, String file) {
    this.proto = proto;
    this.opset = opset;
    for (AttributeProto attribute : proto.getAttributeList()) {
      if (attributes.put(attribute.getName(), attribute) != null) {
        throw TorchException.format(
            file, describe() + " has two attributes named " + attribute.getName());
      }
      if (attribute.hasT()) {
        Tensor value = TensorReader.read(attribute.getT(), file + ", " + describe());
        tensors.put(attribute.getName(), Program.widened(value));
      }
    }
  }

  String type() {
    return proto.getOpType();
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

  boolean has(String name) {
    return attributes.containsKey(name);
  }

  private Optional<AttributeProto> get(String name, AttributeProto.AttributeType type) {
    AttributeProto a = attributes.get(name);
    if (a != null && a.getType() != type && a.getType() != AttributeProto.AttributeType.UNDEFINED) {
      throw TorchException.argument("ONNX " + describe(), name, a.getType(), "type " + type);
    }
    return Optional.ofNullable(a);
  }

  long i(String name, long fallback) {
    return get(name, AttributeProto.AttributeType.INT).map(AttributeProto::getI).orElse(fallback);
  }

  double f(String name, double fallback) {
    return get(name, AttributeProto.AttributeType.FLOAT)
        .map(a -> (double) a.getF())
        .orElse(fallback);
  }

  String s(String name, String fallback) {
    return get(name, AttributeProto.AttributeType.STRING)
        .map(a -> a.getS().toString(StandardCharsets.UTF_8))
        .orElse(fallback);
  }

  long[] ints(String name, long[] fallback) {
    return get(name, AttributeProto.AttributeType.INTS)
        .map(a -> a.getIntsList().stream().mapToLong(Long::longValue).toArray())
        .orElse(fallback);
  }

  double[] floats(String name, double[] fallback) {
    return get(name, AttributeProto.AttributeType.FLOATS)
        .map(a -> a.getFloatsList().stream().mapToDouble(Float::doubleValue).toArray())
        .orElse(fallback);
  }

  Optional<Tensor> tensor(String name) {
    return Optional.ofNullable(tensors.get(name));
  }

  /** The element type named by attribute {@code name}. */
  DType dtype(String name, DType fallback) {
    return has(name) ? TensorReader.require((int) i(name, 0), "ONNX " + describe()) : fallback;
  }
}
