package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.op.Resample;
import java.util.function.LongFunction;

/**
 * Weighted sums along one or two neighbouring axes, computed in F32; F64 and axes with others
 * between them are left to {@link Resample#decompose}.
 */
final class ResampleKernels {
  /** Neighbours from which on an axis' elements are read as rows of them. */
  private static final long ROW = 16;

  private ResampleKernels() {}

  static void register(Kernels kernels, LongFunction<Storage> allocator) {
    kernels.register(
        Resample.class,
        (op, _, out) -> suits(op, out[0]),
        (op, in, out) -> run(op, in[0], out[0], allocator));
  }

  private static boolean suits(Resample op, Tensor out) {
    boolean suits = out.dtype() != DType.F64;
    for (Resample.Taps taps : op.axes()) {
      long uses = (long) taps.places().length * taps.length();
      suits &= taps.size() < Integer.MAX_VALUE && uses < Integer.MAX_VALUE;
    }
    return suits && (op.axes().size() == 1 || position(op, 1, out) == position(op, 0, out) - 1);
  }

  /** Where an axis of the operator lies in memory, counted from the innermost one. */
  private static int position(Resample op, int axis, Tensor out) {
    int[] order = out.layout().axesByStride();
    int at = 0;
    while (order[at] != op.axes().get(axis).axis()) {
      at++;
    }
    return at;
  }

  private static void run(Resample op, Tensor in, Tensor out, LongFunction<Storage> allocator) {
    if (out.numel() == 0) {
      return;
    }
    if (in.numel() == 0) {
      Elements.zero(out);
      return;
    }
    int[] order = out.layout().axesByStride();
    Tensor x = ordered(in, order, allocator);
    Resample.Taps first = op.axes().getFirst();
    Resample.Taps last = op.axes().getLast();
    long inner = 1;
    for (int i = 0; i < position(op, op.axes().size() - 1, out); i++) {
      inner *= out.size(order[i]);
    }
    TapList rows = TapList.of(first, op.transpose());
    TapList columns = TapList.of(last, op.transpose());
    long height = x.size(first.axis());
    long width = x.size(last.axis());
    if (first == last && inner < ROW) {
      rows = TapList.ONE;
      height = 1;
    } else if (first == last) {
      columns = TapList.ONE;
      width = 1;
    }
    long pictures = out.numel() / inner / rows.length() / columns.length();
    boolean joint = first != last && !op.transpose();
    ResampleGrid grid =
        new ResampleGrid(
            x.dtype(), rows, columns, pictures, height, width, inner, inner < ROW, joint);
    Parallel.run(
        grid.count(),
        grid.cost(),
        (from, to) -> new ResampleRows(grid, x.address(), out.address()).run(from, to));
    if (x != in) {
      x.storage().free();
    }
  }

  /** The tensor dense with axes in this order, the innermost first. */
  private static Tensor ordered(Tensor x, int[] order, LongFunction<Storage> allocator) {
    long[] strides = new long[order.length];
    long stride = 1;
    boolean dense = true;
    for (int axis : order) {
      strides[axis] = stride;
      stride *= x.size(axis);
      dense &= x.size(axis) == 1 || x.layout().stride(axis) == strides[axis];
    }
    if (dense) {
      return x;
    }
    Storage storage = allocator.apply(x.numel() * x.dtype().bytes());
    Tensor copy = new Tensor(storage, Layout.of(x.shape(), strides, 0), x.dtype());
    Elements.move(x, copy);
    return copy;
  }
}
