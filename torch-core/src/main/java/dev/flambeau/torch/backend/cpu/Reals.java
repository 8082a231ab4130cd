package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Memory;
import java.util.stream.IntStream;

/**
 * Tensors as Java arrays of doubles and back: what the plain Java kernels compute on. Loops over
 * arrays are compiled to vector code.
 */
final class Reals {
  /** One independent part of a computation. */
  @FunctionalInterface
  interface Part {
    void run(int index);
  }

  private Reals() {}

  /** Runs parts 0 .. count - 1 on all cores. */
  static void parallel(long count, Part part) {
    IntStream.range(0, Math.toIntExact(count)).parallel().forEach(part::run);
  }

  /** The elements, row-major over the axes in this order; all axes in their order if none given. */
  static double[] load(Tensor t, int... order) {
    Tensor p = permuted(t, order);
    double[] out = new double[Math.toIntExact(p.numel())];
    rows(
        p,
        (address, stride, at, count) -> {
          if (p.dtype() == DType.F32) {
            for (int i = 0; i < count; i++) {
              out[at + i] = Memory.ALL.get(Memory.FLOAT, address + i * stride);
            }
          } else {
            for (int i = 0; i < count; i++) {
              out[at + i] = Memory.real(p.dtype(), address + i * stride);
            }
          }
        });
    return out;
  }

  /** Stores elements that are row-major over the axes in this order. */
  static void store(double[] values, Tensor t, int... order) {
    Tensor p = permuted(t, order);
    rows(
        p,
        (address, stride, at, count) -> {
          if (p.dtype() == DType.F32) {
            for (int i = 0; i < count; i++) {
              Memory.ALL.set(Memory.FLOAT, address + i * stride, (float) values[at + i]);
            }
          } else {
            for (int i = 0; i < count; i++) {
              Memory.real(p.dtype(), address + i * stride, values[at + i]);
            }
          }
        });
  }

  private static Tensor permuted(Tensor t, int[] order) {
    if (order.length == 0) {
      return t;
    }
    long[] sizes = new long[order.length];
    long[] strides = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      sizes[i] = t.size(order[i]);
      strides[i] = t.layout().stride(order[i]);
    }
    return new Tensor(
        t.storage(), Layout.of(Shape.of(sizes), strides, t.layout().offset()), t.dtype());
  }

  /** A run along the last axis: its address, bytes between elements, place in the array. */
  @FunctionalInterface
  private interface Row {
    void at(long address, long stride, int at, int count);
  }

  private static void rows(Tensor t, Row row) {
    if (t.numel() == 0) {
      return;
    }
    int width = t.dtype().bytes();
    int last = t.dim() - 1;
    int count = last < 0 ? 1 : (int) t.size(last);
    long stride = last < 0 ? width : t.layout().stride(last) * width;
    long address = t.address();
    Part part =
        n -> {
          long rest = n;
          long at = address;
          for (int d = last - 1; d >= 0; d--) {
            at += rest % t.size(d) * t.layout().stride(d) * width;
            rest /= t.size(d);
          }
          row.at(at, stride, n * count, count);
        };
    long rows = t.numel() / count;
    if (t.numel() > 1 << 15) {
      parallel(rows, part);
    } else {
      for (int n = 0; n < rows; n++) {
        part.run(n);
      }
    }
  }
}
