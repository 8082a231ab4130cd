package dev.flambeau.onnx;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.op.View;
import dev.flambeau.torch.op.ViewBackward;
import dev.flambeau.torch.op.ViewScatter;
import dev.flambeau.torch.op.Views;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Views by the places their elements have: sums of multiples of the numbers along each axis, at
 * which elements are taken from, or written into, all elements in a row.
 */
final class ExportStrided {
  private final ExportCall call;
  private final List<Layout> layouts;

  /** The view's layout in each capture. */
  private ExportStrided(ExportCall call, Function<ExportTape, Layout> layout) {
    this.call = call;
    this.layouts = call.graph().sizes.tapes.stream().map(layout).toList();
  }

  private static int input(ExportCall call, int i) {
    return call.graph().tape().steps.get(call.at()).inputs().get(i);
  }

  static String view(ExportCall call) {
    boolean memory = call.op() instanceof Views.AsStrided;
    int x = input(call, 0);
    ExportStrided self =
        new ExportStrided(
            call,
            tape -> {
              View view = (View) tape.steps.get(call.at()).op();
              return view.apply(seen(tape.metas.get(x).layout(), memory));
            });
    ExportValue flat = row(call.in(0), order(call.meta(0).layout(), memory));
    return flat.gather(self.places(), 0).name();
  }

  /** {@link ViewScatter}: in the place of what the view shows comes the source. */
  static String scatter(ExportCall call) {
    boolean memory = ((ViewScatter) call.op()).view() instanceof Views.AsStrided;
    int x = input(call, 0);
    ExportStrided self =
        new ExportStrided(
            call,
            tape -> {
              Layout whole = tape.metas.get(x).layout();
              Layout base =
                  memory && whole.isDense() ? seen(whole, true) : Layout.contiguous(whole.shape());
              return ((ViewScatter) tape.steps.get(call.at()).op()).view().apply(base);
            });
    Layout whole = call.meta(0).layout();
    List<Integer> order = order(whole, memory && whole.isDense());
    ExportValue flat = row(call.in(0), order);
    ExportValue written = self.write(flat, call.in(1), "none");
    List<long[]> shape = call.shape(0);
    ExportValue out = written.reshape(order.stream().map(shape::get).toList());
    return isOrdered(order) ? out.name() : out.transpose(inverse(order)).name();
  }

  /** {@link ViewBackward}: zeros, and the input added where the view shows. */
  static String backward(ExportCall call) {
    ExportStrided self =
        new ExportStrided(
            call,
            tape -> {
              ViewBackward op = (ViewBackward) tape.steps.get(call.at()).op();
              return op.view().apply(Layout.contiguous(op.shape()));
            });
    long[] count = call.each(ViewBackward.class, op -> op.shape().numel());
    boolean overlaps = ((ViewBackward) call.op()).overlaps();
    ExportValue zeros = call.full(0, call.meta(0).dtype(), List.of(count));
    ExportValue sum = self.write(zeros, call.in(0), overlaps ? "add" : "none");
    return sum.reshape(call.resultShape(0)).name();
  }

  /** The layout a view is applied to: in memory, or by rows. */
  private static Layout seen(Layout layout, boolean memory) {
    if (memory && !layout.isDense()) {
      throw new ExportGraph.Hole("strides over a tensor whose elements are not all of its memory");
    }
    return memory
        ? Layout.of(layout.shape(), layout.strides(), 0)
        : Layout.contiguous(layout.shape());
  }

  /** The axes from the outermost in memory. */
  private static List<Integer> order(Layout layout, boolean memory) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < layout.rank(); i++) {
      order.add(i);
    }
    if (memory) {
      order.sort((a, b) -> Long.compare(layout.stride(b), layout.stride(a)));
    }
    return order;
  }

  private static boolean isOrdered(List<Integer> order) {
    return order.equals(order.stream().sorted().toList());
  }

  private static List<Integer> inverse(List<Integer> order) {
    Integer[] inverse = new Integer[order.size()];
    for (int i = 0; i < inverse.length; i++) {
      inverse[order.get(i)] = i;
    }
    return Arrays.asList(inverse);
  }

  private static ExportValue row(ExportValue x, List<Integer> order) {
    return (isOrdered(order) ? x : x.transpose(order)).reshape(-1);
  }

  private ExportValue write(ExportValue flat, ExportValue source, String reduction) {
    return ExportIndexing.scatter(flat, places().reshape(-1), source.reshape(-1), 0, reduction);
  }

  private long[] each(Function<Layout, Long> of) {
    return layouts.stream().mapToLong(of::apply).toArray();
  }

  /** The place of each element of the view. */
  private ExportValue places() {
    ExportGraph graph = call.graph();
    Shape shape = layouts.getFirst().shape();
    ExportValue sum = new ExportValue(graph, graph.shapes.scalar(each(Layout::offset)));
    for (int i = 0; i < shape.rank(); i++) {
      int axis = i;
      ExportValue stride = new ExportValue(graph, graph.shapes.scalar(each(l -> l.stride(axis))));
      long[] size = each(l -> l.size(axis));
      ExportValue along = call.range(size).mul(stride);
      if (i < shape.rank() - 1) {
        long[] sizes = new long[shape.rank() - i];
        Arrays.fill(sizes, 1);
        sizes[0] = -1;
        along = along.reshape(sizes);
      }
      sum = sum.add(along);
    }
    return sum;
  }
}
