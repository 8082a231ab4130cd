package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.OperatorSetIdProto;
import dev.flambeau.onnx.proto.TensorShapeProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes small models node by node. */
final class Graphs {
  final GraphProto.Builder graph = GraphProto.newBuilder().setName("g");
  private final Map<String, Long> domains = new TreeMap<>();
  private long opset = 17;

  Graphs opset(long version) {
    opset = version;
    return this;
  }

  static ValueInfoProto info(String name, ElementType type, Object... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Object size : sizes) {
      if (size instanceof String open) {
        shape.addDimBuilder().setDimParam(open);
      } else {
        shape.addDimBuilder().setDimValue(((Number) size).longValue());
      }
    }
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(type.code()).setShape(shape);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  /** An F32 input; sizes are numbers or names. */
  Graphs input(String name, Object... sizes) {
    graph.addInput(info(name, ElementType.FLOAT, sizes));
    return this;
  }

  Graphs output(String name, Object... sizes) {
    graph.addOutput(info(name, ElementType.FLOAT, sizes));
    return this;
  }

  Graphs output(String name, ElementType type, Object... sizes) {
    graph.addOutput(info(name, type, sizes));
    return this;
  }

  Graphs weight(String name, Tensor value) {
    graph.addInitializer(ExportGraph.tensor(name, value));
    return this;
  }

  /** A node; names of inputs and outputs are separated by spaces. */
  Graphs node(String type, String name, String in, String out, AttributeProto... attributes) {
    NodeProto.Builder node = NodeProto.newBuilder().setOpType(type).setName(name);
    if (!in.isEmpty()) {
      node.addAllInput(List.of(in.split(" ")));
    }
    node.addAllOutput(List.of(out.split(" "))).addAllAttribute(List.of(attributes));
    graph.addNode(node);
    return this;
  }

  /** Puts the last node into another domain, whose version the model names. */
  Graphs in(String domain, long version) {
    graph.getNodeBuilder(graph.getNodeCount() - 1).setDomain(domain);
    domains.put(domain, version);
    return this;
  }

  static AttributeProto body(String name, Graphs body) {
    return ExportGraph.attribute(name, body.graph.build());
  }

  static AttributeProto ints(String name, long... values) {
    return ExportGraph.attribute(name, Arrays.stream(values).boxed().toList());
  }

  static AttributeProto text(String name, String value) {
    return ExportGraph.attribute(name, value);
  }

  ModelProto model() {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
            .setGraph(graph);
    domains.forEach(
        (domain, version) -> model.addOpsetImportBuilder().setDomain(domain).setVersion(version));
    return model.build();
  }

  OnnxModule load() {
    return Onnx.load(model().toByteArray(), "graph");
  }
}
