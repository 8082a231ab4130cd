package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * An axis of any size n in a number of parts as equal as possible, which go from floor(i n / parts)
 * to ceil((i + 1) n / parts).
 */
final class ExportAdaptive {
  private final ExportCall call;
  private final ExportValue size;
  private final ExportValue starts;
  private final ExportValue ends;

  private ExportAdaptive(ExportCall call, long[] size, long parts) {
    this.call = call;
    this.size = new ExportValue(call.graph(), call.graph().shapes.scalar(size));
    ExportValue part = call.range(new long[] {parts});
    ExportValue count = call.whole(parts);
    this.starts = part.mul(this.size).div(count);
    this.ends = part.add(1).mul(this.size).add(parts - 1).div(count);
  }

  /** The mean of each part: the product with a matrix of their shares. */
  static ExportValue mean(ExportCall c, ExportValue x, int axis, long[] size, long parts) {
    ExportAdaptive self = new ExportAdaptive(c, size, parts);
    DType type = x.type();
    ExportValue at = c.range(size).unsqueeze(1);
    ExportValue inside = self.starts.le(at).and(at.lt(self.ends));
    ExportValue shares = inside.to(type).div(self.ends.sub(self.starts).to(type));
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < c.rank(); i++) {
      order.add(i);
    }
    int last = c.rank() - 1;
    order.set(axis, last);
    order.set(last, axis);
    return axis == last ? x.matmul(shares) : x.transpose(order).matmul(shares).transpose(order);
  }

  /** The largest of each part: short parts repeat their last element. */
  static ExportValue largest(ExportCall c, ExportValue x, int axis, long[] size, long parts) {
    ExportAdaptive self = new ExportAdaptive(c, size, parts);
    ExportValue most = self.size.div(c.whole(parts)).add(2);
    ExportGraph graph = c.graph();
    String offsets = graph.node("Range", List.of(graph.whole(0), most.name(), graph.whole(1)));
    ExportValue at = self.starts.unsqueeze(1).add(new ExportValue(graph, offsets));
    ExportValue index = at.min(self.ends.sub(1).unsqueeze(1));
    return ExportReductions.along(x.gather(index, axis), "ReduceMax", new long[] {axis + 1}, false);
  }
}
