package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.stream.IntStream;

/** Reductions: axes are an attribute in older operator sets, an input in newer ones. */
final class Reducing {
  private interface Reduction {
    Tensor apply(Tensor x, int[] axes, boolean keep);
  }

  private Reducing() {}

  static void register(Registry r) {
    map(r, "ReduceSum", (x, axes, keep) -> x.sum(axes, keep).to(x.dtype()));
    map(r, "ReduceMean", Reducing::mean);
    map(r, "ReduceProd", (x, axes, keep) -> x.prod(axes, keep).to(x.dtype()));
    map(r, "ReduceMax", (x, axes, keep) -> extreme(x, axes, keep, true));
    map(r, "ReduceMin", (x, axes, keep) -> extreme(x, axes, keep, false));
    map(r, "ReduceL1", (x, axes, keep) -> x.abs().sum(axes, keep).to(x.dtype()));
    map(r, "ReduceL2", (x, axes, keep) -> x.square().sum(axes, keep).sqrt().to(x.dtype()));
    map(r, "ReduceSumSquare", (x, axes, keep) -> x.square().sum(axes, keep).to(x.dtype()));
    map(r, "ReduceLogSum", (x, axes, keep) -> x.sum(axes, keep).log());
    map(
        r,
        "ReduceLogSumExp",
        (x, axes, keep) -> x.numel() > 0 ? x.logsumexp(axes, keep) : x.exp().sum(axes, keep).log());
    r.plain("ArgMax", c -> extreme(c, true));
    r.plain("ArgMin", c -> extreme(c, false));
  }

  /** Of nothing: the least or the largest number there is. */
  private static Tensor extreme(Tensor x, int[] axes, boolean keep, boolean largest) {
    if (x.numel() > 0) {
      return largest ? x.amax(axes, keep) : x.amin(axes, keep);
    }
    long[] sizes = x.shape().reduce(axes, keep).sizes();
    if (x.dtype().isFloat()) {
      double least = largest ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
      return Torch.full(x.dtype(), least, sizes);
    }
    boolean bool = x.dtype() == DType.BOOL;
    long[] range = bool ? new long[] {0, 1} : Quantizing.range(ElementType.of(x.dtype()));
    return Torch.full(x.dtype(), largest ? range[0] : range[1], sizes);
  }

  private static Tensor mean(Tensor x, int[] axes, boolean keep) {
    if (x.dtype().isFloat()) {
      return x.mean(axes, keep);
    }
    long count = Math.max(1, x.numel() / Math.max(1, x.shape().reduce(axes, false).numel()));
    return x.sum(axes, keep).floorDivide(count).to(x.dtype());
  }

  private static void map(Registry r, String type, Reduction reduction) {
    r.map(
        type,
        c -> {
          Tensor x = c.in(0);
          int[] axes = c.axes(1);
          if (axes.length == 0 && c.node().i("noop_with_empty_axes", 0) != 0) {
            return x;
          }
          int[] all = axes.length == 0 ? IntStream.range(0, x.dim()).toArray() : axes;
          return reduction.apply(x, x.dim() == 0 ? new int[0] : x.shape().axes(all), keep(c));
        });
  }

  private static boolean keep(Call c) {
    return c.node().i("keepdims", 1) != 0;
  }

  private static Tensor extreme(Call c, boolean largest) {
    int axis = c.axis(0, c.in(0));
    Tensor x = c.in(0).detach();
    boolean last = c.node().i("select_last_index", 0) != 0;
    Tensor seen = last ? Indexing.flip(x, axis) : x;
    Tensor at = largest ? seen.max(axis, keep(c)).indices() : seen.min(axis, keep(c)).indices();
    return last ? at.rsub(x.size(axis) - 1) : at;
  }
}
