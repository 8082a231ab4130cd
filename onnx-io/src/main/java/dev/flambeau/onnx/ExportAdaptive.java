package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import java.util.ArrayList;
import java.util.List;

/** Means of a number of parts of an axis of any size. */
final class ExportAdaptive {
  private ExportAdaptive() {}

  /**
   * The axis with one mean for each of {@code parts}, which go from floor(i n / parts) to ceil((i +
   * 1) n / parts): the product with a matrix of their shares.
   */
  static ExportValue along(ExportCall c, ExportValue x, int axis, long[] size, long parts) {
    ExportGraph graph = c.graph();
    DType type = x.type();
    ExportValue n = new ExportValue(graph, graph.shapes.scalar(size));
    ExportValue part = c.range(new long[] {parts});
    ExportValue start = part.mul(n).div(c.whole(parts));
    ExportValue end = part.add(1).mul(n).add(parts - 1).div(c.whole(parts));
    ExportValue at = c.range(size).unsqueeze(1);
    ExportValue inside = start.le(at).and(at.lt(end));
    ExportValue shares = inside.to(type).div(end.sub(start).to(type));
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < c.rank(); i++) {
      order.add(i);
    }
    int last = c.rank() - 1;
    order.set(axis, last);
    order.set(last, axis);
    return axis == last
        ? x.matmul(shares)
        : x.transpose(order).matmul(shares).transpose(order);
  }
}
