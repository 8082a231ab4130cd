package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.op.Reduction;
import java.util.ArrayList;
import java.util.List;

/** Reductions as nodes: the other direction of {@link Reducing}. */
final class ExportReductions {
  private final ExportGraph graph;
  private final Reduction op;

  private ExportReductions(ExportGraph graph, Reduction op) {
    this.graph = graph;
    this.op = op;
  }

  static List<String> export(ExportGraph graph, ExportTape.Step step, String in) {
    return new ExportReductions(graph, (Reduction) step.op()).export(step, in);
  }

  private List<String> export(ExportTape.Step step, String in) {
    Meta input = graph.meta(step.inputs().getFirst());
    DType result = graph.meta(step.outputs().getFirst()).dtype();
    if (input.rank() == 0 && !op.name().equals("var")) {
      String same = input.dtype() == result ? in : graph.cast(in, result);
      return step.outputs().size() == 1 ? List.of(same) : List.of(same, graph.longs());
    }
    String x = input.dtype() == result ? in : graph.cast(in, result);
    return switch (op.name()) {
      case "sum" -> List.of(reduce("ReduceSum", x, 13));
      case "mean" -> List.of(reduce("ReduceMean", x, 18));
      case "prod" -> List.of(reduce("ReduceProd", x, 18));
      case "amax" -> List.of(reduce("ReduceMax", x, 18));
      case "amin" -> List.of(reduce("ReduceMin", x, 18));
      case "any", "all" -> List.of(truth(in, input, result));
      case "max" -> List.of(reduce("ReduceMax", x, 18), place("ArgMax", x));
      case "min" -> List.of(reduce("ReduceMin", x, 18), place("ArgMin", x));
      case "var" -> List.of(variance(step, x, result));
      default -> throw new ExportGraph.Hole("the reduction " + op.name());
    };
  }

  private String reduce(String type, String x, int axesAsInputSince) {
    return reduce(type, x, axesAsInputSince, op.keepdim());
  }

  private String reduce(String type, String x, int axesAsInputSince, boolean keepdim) {
    AttributeProto keep = ExportGraph.attribute("keepdims", keepdim ? 1L : 0L);
    if (graph.opset >= axesAsInputSince) {
      long[] axes = op.axes().stream().mapToLong(Integer::longValue).toArray();
      return graph.node(type, List.of(x, graph.longs(axes)), keep);
    }
    return graph.node(type, List.of(x), keep, ExportGraph.attribute("axes", op.axes()));
  }

  private String place(String type, String x) {
    if (op.axes().size() != 1) {
      throw new ExportGraph.Hole("the place of an extreme over several axes");
    }
    return graph.node(
        type,
        List.of(x),
        ExportGraph.attribute("axis", (long) op.axes().getFirst()),
        ExportGraph.attribute("keepdims", op.keepdim() ? 1L : 0L));
  }

  private String truth(String in, Meta input, DType result) {
    String truths = input.dtype() == DType.BOOL ? in : graph.cast(in, DType.BOOL);
    String type = op.name().equals("any") ? "ReduceMax" : "ReduceMin";
    return graph.cast(reduce(type, graph.cast(truths, DType.I32), 18), result);
  }

  private String variance(ExportTape.Step step, String x, DType type) {
    String centred = graph.node("Sub", List.of(x, reduce("ReduceMean", x, 18, true)));
    String squares = reduce("ReduceSum", graph.node("Mul", List.of(centred, centred)), 13);
    int input = step.inputs().getFirst();
    List<long[]> all = new ArrayList<>();
    op.axes().forEach(a -> all.add(ExportViews.shape(graph, input).get(a)));
    if (all.stream().anyMatch(graph.sizes::varies)) {
      throw new ExportGraph.Hole("the variance along an axis of open size");
    }
    double rest = op.count(graph.meta(input).shape()) - op.fold().correction();
    return graph.node("Div", List.of(squares, graph.number(Math.max(rest, 0), type)));
  }
}
