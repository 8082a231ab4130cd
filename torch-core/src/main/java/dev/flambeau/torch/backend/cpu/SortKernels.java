package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.op.RowOrder;
import dev.flambeau.torch.op.SearchSorted;
import dev.flambeau.torch.op.Sort;
import dev.flambeau.torch.op.TopK;
import java.util.Arrays;

/** Sorting and binary search. */
final class SortKernels {
  private SortKernels() {}

  static void register(Kernels kernels) {
    kernels.register(
        Sort.class, (op, in, out) -> lines(op.name(), op.axis(), op.descending(), -1, in[0], out));
    kernels.register(
        TopK.class, (op, in, out) -> lines(op.name(), op.axis(), op.largest(), op.k(), in[0], out));
    kernels.register(RowOrder.class, (op, in, out) -> rows(op.name(), in[0], out[0]));
    kernels.register(SearchSorted.class, (op, in, out) -> search(op.right(), in[0], in[1], out[0]));
  }

  /** Sorts each line, or only its first {@code k} if that is 0 or more. */
  private static void lines(
      String name, int axis, boolean descending, long k, Tensor x, Tensor[] out) {
    Lines lines = new Lines(axis, x, out[0], out[1]);
    int width = x.dtype().bytes();
    int kept = (int) lines.length(1);
    long cost = lines.length(0) * 16;
    Parallel.run(
        x.numel() == 0 ? 0 : lines.count(),
        cost,
        (from, to) -> {
          IndexSort sort = new IndexSort(name, lines.length(0));
          for (long n = from; n < to; n++) {
            long source = lines.address(0, n);
            sort.load(x.dtype(), source, lines.step(0), descending, null);
            if (k < 0) {
              sort.sort();
            } else {
              sort.smallest(kept);
            }
            long values = lines.address(1, n);
            long indices = lines.address(2, n);
            boolean integers = sort.isPacked() && !x.dtype().isFloat();
            for (int i = 0; i < kept; i++) {
              int place = sort.place(i);
              long slot = values + i * lines.step(1);
              if (integers) {
                Memory.integer(x.dtype(), slot, sort.integer(i));
              } else {
                Elements.copy(width, source + place * lines.step(0), slot);
              }
              Memory.ALL.set(Memory.LONG, indices + i * lines.step(2), place);
            }
          }
        });
  }

  /** Lexicographic order: a stable sort by each column, the last first. */
  private static void rows(String name, Tensor x, Tensor out) {
    int n = (int) x.size(0);
    IndexSort sort = new IndexSort(name, x.size(0));
    long step = x.layout().stride(0) * x.dtype().bytes();
    int width = x.dtype().bytes();
    int[] order = new int[n];
    Arrays.setAll(order, i -> i);
    for (long c = x.size(1) - 1; c >= 0; c--) {
      long column = x.address() + c * x.layout().stride(1) * width;
      sort.load(x.dtype(), column, step, false, order);
      sort.sort();
      int[] before = order.clone();
      Arrays.setAll(order, i -> before[sort.place(i)]);
    }
    for (int i = 0; i < n; i++) {
      Memory.ALL.set(Memory.LONG, out.address() + i * (long) Long.BYTES, order[i]);
    }
  }

  /** One sorted sequence for all values, or one for each line of values. */
  private static void search(boolean right, Tensor sequences, Tensor values, Tensor out) {
    boolean shared = sequences.dim() <= 1;
    int last = Math.max(values.dim() - 1, 0);
    Lines found = new Lines(last, values, out);
    Lines sorted = new Lines(Math.max(sequences.dim() - 1, 0), sequences);
    var type = sequences.dtype();
    Parallel.run(
        values.numel() == 0 ? 0 : found.count(),
        found.length(0) * 32,
        (from, to) -> {
          for (long n = from; n < to; n++) {
            long start = sorted.address(0, shared ? 0 : n);
            for (long i = 0; i < found.length(0); i++) {
              long value = found.address(0, n) + i * found.step(0);
              long place =
                  type.isFloat()
                      ? real(right, sorted, start, sequences, Memory.real(type, value))
                      : whole(right, sorted, start, sequences, Memory.integer(type, value));
              Memory.ALL.set(Memory.LONG, found.address(1, n) + i * found.step(1), place);
            }
          }
        });
  }

  private static long real(boolean right, Lines sorted, long start, Tensor sequences, double v) {
    long low = 0;
    long high = sorted.length(0);
    while (low < high) {
      long middle = low + high >>> 1;
      double m = Memory.real(sequences.dtype(), start + middle * sorted.step(0));
      // A NaN stands behind everything.
      if (right ? !(m > v) : !(m >= v)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static long whole(boolean right, Lines sorted, long start, Tensor sequences, long v) {
    long low = 0;
    long high = sorted.length(0);
    while (low < high) {
      long middle = low + high >>> 1;
      long m = Memory.integer(sequences.dtype(), start + middle * sorted.step(0));
      if (right ? m <= v : m < v) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
