package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Memory;

/** Moves elements by their width of 1, 2, 4 or 8 bytes, whatever their type. */
final class Elements {
  private Elements() {}

  /** One element. */
  static void copy(int width, long from, long to) {
    switch (width) {
      case 1 -> Memory.ALL.set(Memory.BYTE, to, Memory.ALL.get(Memory.BYTE, from));
      case 2 -> Memory.ALL.set(Memory.SHORT, to, Memory.ALL.get(Memory.SHORT, from));
      case 4 -> Memory.ALL.set(Memory.INT, to, Memory.ALL.get(Memory.INT, from));
      default -> Memory.ALL.set(Memory.LONG, to, Memory.ALL.get(Memory.LONG, from));
    }
  }

  /** {@code count} elements, {@code fs} and {@code ts} bytes apart. */
  static void copy(int width, long from, long fs, long to, long ts, long count) {
    switch (width) {
      case 1 -> {
        for (long i = 0; i < count; i++) {
          Memory.ALL.set(Memory.BYTE, to + i * ts, Memory.ALL.get(Memory.BYTE, from + i * fs));
        }
      }
      case 2 -> {
        for (long i = 0; i < count; i++) {
          Memory.ALL.set(Memory.SHORT, to + i * ts, Memory.ALL.get(Memory.SHORT, from + i * fs));
        }
      }
      case 4 -> {
        for (long i = 0; i < count; i++) {
          Memory.ALL.set(Memory.INT, to + i * ts, Memory.ALL.get(Memory.INT, from + i * fs));
        }
      }
      default -> {
        for (long i = 0; i < count; i++) {
          Memory.ALL.set(Memory.LONG, to + i * ts, Memory.ALL.get(Memory.LONG, from + i * fs));
        }
      }
    }
  }

  /** Copies between tensors of one shape and type. */
  static void move(Tensor from, Tensor to) {
    int width = to.dtype().bytes();
    Strided strided = Strided.of(to.shape(), to, from);
    if (Transposition.run(strided, width)) {
      return;
    }
    long ts = strided.stride(0);
    long fs = strided.stride(1);
    boolean dense = ts == width && fs == width;
    Strided.Run run =
        (a, count) -> {
          if (dense) {
            Memory.copy(a[1], a[0], count * width);
          } else {
            copy(width, a[1], fs, a[0], ts, count);
          }
        };
    if (strided.outer() != 1) {
      Parallel.run(
          strided.outer(), strided.inner(), (first, last) -> strided.forEach(first, last, run));
    } else {
      Parallel.run(
          strided.inner(),
          1,
          (first, last) ->
              run.at(
                  new long[] {strided.base(0) + first * ts, strided.base(1) + first * fs},
                  last - first));
    }
  }

  /** Adds between tensors of one shape and type; places of {@code to} may coincide. */
  static void add(Tensor from, Tensor to) {
    var type = to.dtype();
    Strided strided = Strided.of(to.shape(), to, from);
    strided.forEach(
        (addresses, count) -> {
          for (long i = 0; i < count; i++) {
            add(type, addresses[1] + i * strided.stride(1), addresses[0] + i * strided.stride(0));
          }
        });
  }

  /** Rows of {@code count} elements added, {@code fs} and {@code ts} bytes apart. */
  static void add(DType type, long from, long fs, long to, long ts, long count) {
    if (type == DType.F32 && fs == Float.BYTES && ts == Float.BYTES && count < 1 << 29) {
      addFloats(from, to, (int) count);
      return;
    }
    for (long i = 0; i < count; i++) {
      add(type, from + i * fs, to + i * ts);
    }
  }

  private static void addFloats(long from, long to, int count) {
    for (int i = 0; i < count; i++) {
      long at = (long) i * Float.BYTES;
      float sum = Memory.ALL.get(Memory.FLOAT, to + at) + Memory.ALL.get(Memory.FLOAT, from + at);
      Memory.ALL.set(Memory.FLOAT, to + at, sum);
    }
  }

  /** One element added to another. */
  static void add(DType type, long from, long to) {
    if (type.isFloat()) {
      Memory.real(type, to, Memory.real(type, to) + Memory.real(type, from));
    } else {
      Memory.integer(type, to, Memory.integer(type, to) + Memory.integer(type, from));
    }
  }

  static void zero(Tensor t) {
    Memory.fill(t.address(), t.numel() * t.dtype().bytes(), (byte) 0);
  }

  /** Every {@code step}-th element of an axis, {@code length} of them from {@code start}. */
  static Tensor part(Tensor t, int axis, long start, long length, long step) {
    long[] sizes = t.shape().sizes();
    long[] strides = t.layout().strides();
    sizes[axis] = length;
    long offset = t.layout().offset() + start * strides[axis];
    strides[axis] *= step;
    return over(t, Layout.of(Shape.of(sizes), strides, offset));
  }

  /** Another layout over the same memory. */
  static Tensor over(Tensor t, Layout layout) {
    return new Tensor(t.storage(), layout, t.dtype());
  }

  /** A 0-d tensor with one axis. */
  static Tensor atLeast1d(Tensor t) {
    return t.dim() > 0 ? t : over(t, Layout.of(Shape.of(1), new long[] {1}, t.layout().offset()));
  }
}
