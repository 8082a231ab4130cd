package dev.flambeau.onnx;

import dev.flambeau.torch.Shape;
import dev.flambeau.torch.op.View;
import dev.flambeau.torch.op.Views;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/** Views as nodes, with sizes that follow from the open ones: see {@link Shaping}. */
final class ExportViews {
  private final ExportGraph graph;
  private final int step;
  private final ExportTape.Step call;

  private ExportViews(ExportGraph graph, int step) {
    this.graph = graph;
    this.step = step;
    this.call = graph.tape().steps.get(step);
  }

  static String export(ExportGraph graph, int step, String in) {
    return new ExportViews(graph, step).export(in);
  }

  private String export(String in) {
    View view = (View) call.op();
    return switch (view) {
      case Views.Permute p -> graph.node("Transpose", List.of(in), perm(p));
      case Views.Reshape _ -> graph.node("Reshape", List.of(in, graph.shape(result(), true)));
      case Views.Expand _ -> graph.node("Expand", List.of(in, graph.shape(result(), false)));
      case Views.Slice s -> slice(s, in);
      default -> throw new ExportGraph.Hole(view.name() + " as a view");
    };
  }

  private static dev.flambeau.onnx.proto.AttributeProto perm(Views.Permute p) {
    return ExportGraph.attribute("perm", p.axes());
  }

  private List<long[]> result() {
    return shape(graph, call.outputs().getFirst());
  }

  /** The sizes of a value in all captures. */
  static List<long[]> shape(ExportGraph graph, int value) {
    Shape shape = graph.meta(value).shape();
    List<long[]> all = new ArrayList<>();
    for (int i = 0; i < shape.rank(); i++) {
      int axis = i;
      all.add(graph.each(t -> t.metas.get(value).size(axis)));
    }
    return all;
  }

  private long[] each(ToLongFunction<Views.Slice> of) {
    return graph.each(t -> of.applyAsLong((Views.Slice) t.steps.get(step).op()));
  }

  private String slice(Views.Slice s, String in) {
    long[] starts = each(Views.Slice::start);
    long[] ends = each(v -> v.start() + v.length() * v.step());
    int input = call.inputs().getFirst();
    long[] sizes = graph.each(t -> t.metas.get(input).size(s.axis()));
    boolean whole = true;
    for (int i = 0; i < ends.length; i++) {
      whole &= ends[i] >= sizes[i];
    }
    String end = whole ? graph.longs(Long.MAX_VALUE) : graph.size(ends);
    return graph.node(
        "Slice",
        List.of(in, graph.size(starts), end, graph.longs(s.axis()), graph.longs(s.step())));
  }
}
