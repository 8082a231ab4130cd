package dev.flambeau.onnx;

import com.google.protobuf.ByteString;
import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.AttributeProto.AttributeType;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.OperatorSetIdProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Models of one node, whose inputs are those of the graph. */
final class OneNode {
  private final String domain;
  private final String type;
  private final long opset;
  private final NodeProto.Builder node = NodeProto.newBuilder().setName("node");
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("g");
  private final Map<String, OnnxValue> inputs = new LinkedHashMap<>();

  OneNode(String domain, String type, long opset) {
    this.domain = domain;
    this.type = type;
    this.opset = opset;
  }

  /** The same node without its inputs. */
  OneNode(OneNode other) {
    this(other.domain, other.type, other.opset);
    node.addAllAttribute(other.node.getAttributeList());
  }

  /** Integers, floats, texts, arrays of them or a tensor. */
  OneNode with(String name, Object value) {
    AttributeProto.Builder a = AttributeProto.newBuilder().setName(name);
    switch (value) {
      case Integer i -> a.setType(AttributeType.INT).setI(i);
      case Long l -> a.setType(AttributeType.INT).setI(l);
      case Float f -> a.setType(AttributeType.FLOAT).setF(f);
      case Double d -> a.setType(AttributeType.FLOAT).setF(d.floatValue());
      case String s -> a.setType(AttributeType.STRING).setS(ByteString.copyFromUtf8(s));
      case long[] all -> {
        a.setType(AttributeType.INTS);
        Arrays.stream(all).forEach(a::addInts);
      }
      case float[] all -> {
        a.setType(AttributeType.FLOATS);
        for (float f : all) {
          a.addFloats(f);
        }
      }
      case String[] all -> {
        a.setType(AttributeType.STRINGS);
        Arrays.stream(all).forEach(s -> a.addStrings(ByteString.copyFromUtf8(s)));
      }
      case Tensor t -> a.setType(AttributeType.TENSOR).setT(ExportGraph.tensor(name, t));
      case TensorProto t -> a.setType(AttributeType.TENSOR).setT(t);
      default -> throw new IllegalArgumentException("" + value);
    }
    node.addAttribute(a);
    return this;
  }

  /** Another input of the node; null for one left out. */
  OneNode on(OnnxValue value) {
    if (value == null) {
      node.addInput("");
      return this;
    }
    String name = "in" + inputs.size();
    inputs.put(name, value);
    node.addInput(name);
    graph.addInputBuilder().setName(name).setType(type(value));
    return this;
  }

  OneNode on(Tensor value) {
    return on(OnnxValue.of(value));
  }

  OneNode on(String[] strings, long... sizes) {
    return on(OnnxValue.of(List.of(strings), sizes));
  }

  private static TypeProto type(OnnxValue value) {
    TypeProto.Builder type = TypeProto.newBuilder();
    switch (value) {
      case OnnxValue.Numbers n ->
          type.getTensorTypeBuilder().setElemType(n.type().code()).getShapeBuilder();
      case OnnxValue.Texts _ -> type.getTensorTypeBuilder().setElemType(ElementType.STRING.code());
      case OnnxValue.Sequence s ->
          type.getSequenceTypeBuilder().setElemType(type(s.items().getFirst()));
      case OnnxValue.Dictionary d -> {
        Map.Entry<Object, OnnxValue> first = d.entries().entrySet().iterator().next();
        boolean number = first.getKey() instanceof Long;
        type.getMapTypeBuilder()
            .setKeyType(number ? ElementType.INT64.code() : ElementType.STRING.code())
            .setValueType(type(first.getValue()));
      }
      case OnnxValue.Nothing _ -> type.getOptionalTypeBuilder();
    }
    if (type.hasTensorType()) {
      type.getTensorTypeBuilder().clearShape();
    }
    return type.build();
  }

  ModelProto model(int outputs) {
    node.setOpType(type).setDomain(domain);
    node.clearOutput();
    graph.clearNode().clearOutput();
    for (int i = 0; i < outputs; i++) {
      node.addOutput("out" + i);
      graph.addOutputBuilder().setName("out" + i);
    }
    graph.addNode(node);
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(opset));
    if (!domain.isEmpty()) {
      model.addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(20));
    }
    return model.setGraph(graph).build();
  }

  Map<String, OnnxValue> inputs() {
    return inputs;
  }

  OnnxModule load(int outputs) {
    return Onnx.load(model(outputs).toByteArray(), type);
  }

  List<OnnxValue> run(int outputs) {
    return load(outputs).run(List.copyOf(inputs.values()));
  }

  static Tensor floats(double... values) {
    return Torch.tensor(values, values.length).to(DType.F32);
  }

  static OnnxValue texts(Shape shape, String... strings) {
    return new OnnxValue.Texts(List.of(strings), shape);
  }
}
