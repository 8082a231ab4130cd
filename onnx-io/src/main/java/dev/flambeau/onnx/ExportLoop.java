package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.TensorShapeProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Formulas that take steps until they are done, as Loop. */
final class ExportLoop {
  /** The values after a step, and where there is more to do, if that is asked. */
  record Next(Optional<ExportValue> more, List<ExportValue> values) {}

  /** A step from the values before it; the number of the step is a number without dimensions. */
  @FunctionalInterface
  interface Body {
    Next step(List<ExportValue> values, ExportValue number);
  }

  private ExportLoop() {}

  static Next next(ExportValue more, ExportValue... values) {
    return new Next(Optional.of(more), Arrays.asList(values));
  }

  static Next next(List<ExportValue> values) {
    return new Next(Optional.empty(), values);
  }

  /** Steps while there is any element with more to do. */
  static List<String> whileAny(
      ExportGraph graph, List<String> values, Body body, ExportValue more) {
    return loop(graph, "", values, body, more.any().name());
  }

  /** So many steps. */
  static List<String> times(ExportGraph graph, String count, List<String> values, Body body) {
    return loop(graph, count, values, body, "");
  }

  private static List<String> loop(
      ExportGraph graph, String count, List<String> values, Body body, String more) {
    GraphProto.Builder proto = GraphProto.newBuilder().setName(graph.fresh("steps"));
    String number = graph.fresh("/step");
    String condition = graph.fresh("/more");
    graph.type(number, DType.I64);
    graph.type(condition, DType.BOOL);
    proto.addInput(info(number, DType.I64, true)).addInput(info(condition, DType.BOOL, true));
    List<ExportValue> inside = new ArrayList<>();
    for (String value : values) {
      String name = graph.fresh("/state");
      graph.type(name, graph.type(value));
      proto.addInput(info(name, graph.type(value), false));
      inside.add(new ExportValue(graph, name));
    }
    List<NodeProto> nodes =
        graph.within(
            () -> {
              Next next = body.step(inside, new ExportValue(graph, number));
              String go =
                  next.more
                      .map(open -> open.any().name())
                      .orElseGet(() -> graph.node("Identity", List.of(condition)));
              proto.addOutput(info(go, DType.BOOL, true));
              for (ExportValue value : next.values) {
                // Each under a name of its own: a state may be handed on as it is.
                String out = graph.node("Identity", List.of(value.name()));
                proto.addOutput(info(out, value.type(), false));
              }
            });
    proto.addAllNode(nodes);
    List<String> in = new ArrayList<>(List.of(count, more));
    in.addAll(values);
    AttributeProto attribute = ExportGraph.attribute("body", proto.build());
    List<String> out = graph.nodes("Loop", in, values.size(), attribute);
    for (int i = 0; i < out.size(); i++) {
      graph.type(out.get(i), graph.type(values.get(i)));
    }
    return out;
  }

  private static ValueInfoProto info(String name, DType type, boolean single) {
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(ElementType.of(type).code());
    if (single) {
      tensor.setShape(TensorShapeProto.getDefaultInstance());
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }
}
