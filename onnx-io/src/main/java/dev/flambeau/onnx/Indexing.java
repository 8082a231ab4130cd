package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.Arrays;
import java.util.stream.LongStream;

/** Parts of a tensor. */
final class Indexing {
  private Indexing() {}

  static void register(Registry r) {
    r.map("Gather", Indexing::gather);
    r.map(
        "GatherElements",
        c -> {
          int axis = c.axis(0, c.in(0));
          return c.in(0).gather(axis, wrapped(c.in(1), c.in(0).size(axis)));
        });
    r.map("Slice", Indexing::slice);
    r.values("OneHot", c -> c.like(2, oneHot(c)));
    r.map("Trilu", Indexing::trilu);
  }

  /** Indices below zero count from the end. */
  static Tensor wrapped(Tensor index, long size) {
    Tensor i = index.to(DType.I64);
    return Torch.where(i.lt(0), i.add(size), i);
  }

  private static Tensor gather(Call c) {
    Tensor x = c.in(0);
    Tensor index = c.in(1);
    int axis = c.axis(0, x);
    Tensor rows = x.indexSelect(axis, wrapped(index, x.size(axis)).reshape(-1));
    long[] sizes = x.shape().sizes();
    long[] out = new long[sizes.length - 1 + index.dim()];
    System.arraycopy(sizes, 0, out, 0, axis);
    System.arraycopy(index.shape().sizes(), 0, out, axis, index.dim());
    System.arraycopy(sizes, axis + 1, out, axis + index.dim(), sizes.length - axis - 1);
    return rows.reshape(out);
  }

  static Tensor flip(Tensor x, int axis) {
    return x.indexSelect(axis, Torch.arange(x.size(axis) - 1, -1, -1));
  }

  /** Bounds are attributes below operator set 10, inputs from then on. */
  private static Tensor slice(Call c) {
    Tensor x = c.in(0);
    boolean inputs = c.opset() >= 10;
    long[] starts = inputs ? c.longs(1) : c.node().ints("starts", new long[0]);
    long[] ends = inputs ? c.longs(2) : c.node().ints("ends", new long[0]);
    long[] all = LongStream.range(0, starts.length).toArray();
    long[] axes = inputs ? c.has(3) ? c.longs(3) : all : c.node().ints("axes", all);
    long[] steps = c.has(4) ? c.longs(4) : new long[starts.length];
    if (!c.has(4)) {
      Arrays.fill(steps, 1);
    }
    if (ends.length != starts.length
        || axes.length != starts.length
        || steps.length != starts.length) {
      throw c.bad("starts, ends, axes, steps", "of different lengths", "one number an axis");
    }
    for (int i = 0; i < starts.length; i++) {
      int axis = x.shape().axis(c.axis(axes[i]));
      x = slice(c, x, axis, starts[i], ends[i], steps[i]);
    }
    return x;
  }

  private static Tensor slice(Call c, Tensor x, int axis, long start, long end, long step) {
    long size = x.size(axis);
    if (step == 0) {
      throw c.bad("steps", 0, "numbers other than 0");
    }
    if (step > 0) {
      long from = Math.clamp(start < 0 ? start + size : start, 0L, size);
      long to = Math.clamp(end < 0 ? end + size : end, 0L, size);
      return x.slice(axis, from, Math.max(from, to), Math.min(step, size + 1));
    }
    long from = Math.clamp(start < 0 ? start + size : start, -1, size - 1);
    long to = Math.clamp(end < 0 ? end + size : end, -1, size - 1);
    long by = Math.max(step, -size - 1);
    Tensor index = from <= to ? Torch.arange(0) : Torch.arange(from, to, by);
    return x.indexSelect(axis, index);
  }

  private static Tensor oneHot(Call c) {
    long depth = (long) c.scalar(1);
    Limits.checked(c.name(), depth, c.in(0).numel());
    Tensor index = wrapped(c.in(0), depth);
    int rank = index.dim() + 1;
    int axis = c.axis(c.node().i("axis", -1));
    int at = axis < 0 ? axis + rank : axis;
    long[] sizes = new long[rank];
    Arrays.fill(sizes, 1);
    sizes[at] = depth;
    Tensor hit = index.unsqueeze(at).eq(Torch.arange(depth).reshape(sizes));
    return Torch.where(hit, c.in(2).select(0, 1), c.in(2).select(0, 0));
  }

  private static Tensor trilu(Call c) {
    Tensor x = c.in(0);
    long k = c.has(1) ? c.scalarLong(1) : 0;
    Tensor row = Torch.arange(x.size(-2)).unsqueeze(1);
    Tensor distance = Torch.arange(x.size(-1)).sub(row);
    boolean upper = c.node().i("upper", 1) != 0;
    return Torch.where(upper ? distance.ge(k) : distance.le(k), x, x.zerosLike());
  }
}
