package dev.flambeau.onnx;

import dev.flambeau.torch.Shape;
import dev.flambeau.torch.op.View;
import dev.flambeau.torch.op.Views;
import java.util.ArrayList;
import java.util.List;

/** Views as nodes, with sizes that follow from the open ones: see {@link Shaping}. */
final class ExportViews {
  private ExportViews() {}

  static String export(ExportCall c) {
    ExportGraph graph = c.graph();
    String in = c.names().getFirst();
    return switch ((View) c.op()) {
      case Views.Permute p -> c.in(0).transpose(p.axes()).name();
      case Views.Reshape _ -> c.in(0).reshape(c.resultShape(0)).name();
      case Views.Expand _ ->
          graph.node("Expand", List.of(in, graph.shape(c.resultShape(0), false)));
      case Views.Slice s -> slice(c, s.axis());
      case Views.Unfold u when c.rank() > 0 && isFixed(c) -> unfold(c, u);
      default -> ExportStrided.view(c);
    };
  }

  private static boolean isFixed(ExportCall c) {
    ExportSizes sizes = c.graph().sizes;
    return !sizes.varies(c.each(Views.Unfold.class, Views.Unfold::size))
        && !sizes.varies(c.each(Views.Unfold.class, Views.Unfold::step));
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

  private static String slice(ExportCall c, int axis) {
    ExportGraph graph = c.graph();
    Views.Slice s = (Views.Slice) c.op();
    long[] starts = c.each(Views.Slice.class, Views.Slice::start);
    long[] ends = c.each(Views.Slice.class, v -> v.start() + v.length() * v.step());
    long[] steps = c.each(Views.Slice.class, Views.Slice::step);
    long[] sizes = c.shape(0).get(axis);
    boolean whole = true;
    boolean fromEnd = true;
    for (int i = 0; i < ends.length; i++) {
      whole &= ends[i] >= sizes[i];
      fromEnd &= ends[i] < sizes[i] && sizes[i] - ends[i] == sizes[0] - ends[0];
    }
    // Counted from the end, a cut of fixed size needs no formula.
    String end =
        whole
            ? graph.longs(Long.MAX_VALUE)
            : fromEnd && graph.sizes.varies(ends)
                ? graph.longs(ends[0] - sizes[0])
                : graph.size(ends);
    String start =
        graph.sizes.varies(starts) && distance(starts, sizes)
            ? graph.longs(starts[0] - sizes[0])
            : graph.size(starts);
    return graph.node(
        "Slice",
        List.of(c.names().getFirst(), start, end, graph.longs(s.axis()), graph.size(steps)));
  }

  private static boolean distance(long[] starts, long[] sizes) {
    boolean same = starts[0] < sizes[0];
    for (int i = 0; i < starts.length; i++) {
      same &= sizes[i] - starts[i] == sizes[0] - starts[0];
    }
    return same;
  }

  /** The numbers of the windows, as many as fit. */
  private static ExportValue windows(ExportCall c, Views.Unfold u, long[] count) {
    ExportGraph graph = c.graph();
    if (!graph.sizes.varies(count)) {
      return c.range(count);
    }
    ExportValue size = new ExportValue(graph, graph.shapes.scalar(c.shape(0).get(u.axis())));
    String end = size.sub(u.size()).div(u.step()).add(1).name();
    return new ExportValue(
        graph, graph.node("Range", List.of(graph.whole(0), end, graph.whole(1))));
  }

  /** Windows by an index of (windows, size). */
  private static String unfold(ExportCall c, Views.Unfold u) {
    long[] count = c.resultShape(0).get(u.axis());
    ExportValue starts = windows(c, u, count).mul(u.step()).unsqueeze(1);
    ExportValue places = starts.add(c.range(new long[] {u.size()}));
    ExportValue out = c.in(0).gather(places, u.axis());
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i <= c.rank(); i++) {
      if (i != u.axis() + 1) {
        order.add(i);
      }
    }
    order.add(u.axis() + 1);
    return out.transpose(order).name();
  }
}
