package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.op.Gather;
import dev.flambeau.torch.op.IndexSelect;
import dev.flambeau.torch.op.Nonzero;
import java.lang.foreign.MemorySegment;

/** Reading and writing at places that index tensors name. */
final class IndexKernels {
  private IndexKernels() {}

  static void register(Kernels kernels) {
    kernels.register(Gather.class, IndexKernels::gather);
    kernels.register(IndexSelect.class, IndexKernels::indexSelect);
    kernels.register(Nonzero.class, (_, in, out) -> nonzero(in[0], out[0]));
    kernels.register(
        Nonzero.Count.class,
        (_, in, out) -> Memory.integer(DType.I64, out[0].address(), count(in[0])));
  }

  /** The index at an address, counted from the front. */
  static long index(String operator, long address, long size) {
    return checked(operator, Memory.ALL.get(Memory.LONG, address), size);
  }

  /** An index counted from the front. */
  static long checked(String operator, long i, long size) {
    // In this order, the bounds of the access that follows are known to be kept.
    long at = i < 0 ? i + size : i;
    if (at < 0 || at >= size) {
      throw TorchException.argument(
          operator, "index", i, "an index in [" + -size + ", " + (size - 1) + "]");
    }
    return at;
  }

  /** What is done with a run of indices, the elements they name and their partners. */
  @FunctionalInterface
  interface Run {
    /** {@code step} is the distance in bytes between neighbours of the indexed axis. */
    void at(Cursor c, long size, long step, long count);
  }

  /** Addresses and distances in bytes within a run. */
  record Cursor(
      long index, long indexStep, long indexed, long indexedStep, long other, long otherStep) {
    /** All of memory that indices can reach from {@code count} elements on. */
    MemorySegment reach(long size, long step, long count, int width) {
      return Memory.part(indexed, (size - 1) * step + (count - 1) * indexedStep + width);
    }
  }

  /**
   * Walks all elements of {@code index} with the places of two other tensors: {@code indexed},
   * which the index names along the axis, and {@code other}, which lies beside the index.
   */
  static void walk(
      int axis, Tensor index, Tensor indexed, Tensor other, boolean parallel, Run body) {
    if (index.numel() == 0) {
      return;
    }
    Tensor i = Elements.atLeast1d(index);
    Tensor x = Elements.atLeast1d(indexed);
    Tensor y = Elements.atLeast1d(other);
    long[] strides = x.layout().strides();
    long step = strides[axis] * x.dtype().bytes();
    strides[axis] = 0;
    Tensor still = Elements.over(x, Layout.of(i.shape(), strides, x.layout().offset()));
    Layout beside = Layout.of(i.shape(), y.layout().strides(), y.layout().offset());
    Strided strided = Strided.of(i.shape(), Elements.over(y, beside), still, i);
    long size = x.size(axis);
    long[] s = {strided.stride(0), strided.stride(1), strided.stride(2)};
    Strided.Run run =
        (a, count) -> body.at(new Cursor(a[2], s[2], a[1], s[1], a[0], s[0]), size, step, count);
    if (!parallel) {
      strided.forEach(run);
    } else if (strided.outer() > 1) {
      Parallel.run(
          strided.outer(), 4 * strided.inner(), (from, to) -> strided.forEach(from, to, run));
    } else {
      Parallel.run(
          strided.inner(),
          4,
          (from, to) ->
              strided.forEach(
                  (a, _) ->
                      run.at(
                          new long[] {a[0] + from * s[0], a[1] + from * s[1], a[2] + from * s[2]},
                          to - from)));
    }
  }

  private static void gather(Gather op, Tensor[] in, Tensor[] out) {
    int width = out[0].dtype().bytes();
    walk(
        op.axis(), in[1], in[0], out[0], true, (c, size, step, n) -> take(width, c, size, step, n));
  }

  private static void take(int width, Cursor c, long size, long step, long count) {
    if (c.indexStep == 0) {
      long from = c.indexed + index("gather", c.index, size) * step;
      Elements.copy(width, from, c.indexedStep, c.other, c.otherStep, count);
      return;
    }
    boolean dense = c.indexStep == Long.BYTES && c.otherStep == width && count < 1 << 27;
    if (dense && width == Integer.BYTES) {
      takeInts(c, size, step, (int) count);
    } else if (dense && width == Long.BYTES) {
      takeLongs(c, size, step, (int) count);
    } else {
      for (long i = 0; i < count; i++) {
        long at = index("gather", c.index + i * c.indexStep, size);
        Elements.copy(width, c.indexed + i * c.indexedStep + at * step, c.other + i * c.otherStep);
      }
    }
  }

  private static void takeInts(Cursor c, long size, long step, int count) {
    MemorySegment index = Memory.part(c.index, (long) count * Long.BYTES);
    MemorySegment out = Memory.part(c.other, (long) count * Integer.BYTES);
    MemorySegment x = c.reach(size, step, count, Integer.BYTES);
    for (int i = 0; i < count; i++) {
      long at = checked("gather", index.get(Memory.LONG, (long) i * Long.BYTES), size);
      int value = x.get(Memory.INT, i * c.indexedStep + at * step);
      out.set(Memory.INT, (long) i * Integer.BYTES, value);
    }
  }

  private static void takeLongs(Cursor c, long size, long step, int count) {
    MemorySegment index = Memory.part(c.index, (long) count * Long.BYTES);
    MemorySegment out = Memory.part(c.other, (long) count * Long.BYTES);
    MemorySegment x = c.reach(size, step, count, Long.BYTES);
    for (int i = 0; i < count; i++) {
      long at = checked("gather", index.get(Memory.LONG, (long) i * Long.BYTES), size);
      long value = x.get(Memory.LONG, i * c.indexedStep + at * step);
      out.set(Memory.LONG, (long) i * Long.BYTES, value);
    }
  }

  /** Row-major input: whole slices are copied; else element by element. */
  private static void indexSelect(IndexSelect op, Tensor[] in, Tensor[] out) {
    Tensor x = Elements.atLeast1d(in[0]);
    int width = x.dtype().bytes();
    int axis = op.axis();
    long inner = width;
    for (int i = axis + 1; i < x.dim(); i++) {
      inner *= x.size(i);
    }
    if (!x.isContiguous() || inner <= Long.BYTES) {
      long[] strides = new long[x.dim()];
      strides[axis] = in[1].layout().stride(0);
      Tensor wide =
          Elements.over(in[1], Layout.of(out[0].shape(), strides, in[1].layout().offset()));
      walk(axis, wide, x, out[0], true, (c, size, step, n) -> take(width, c, size, step, n));
      return;
    }
    long count = in[1].numel();
    long step = in[1].layout().stride(0) * Long.BYTES;
    long size = x.size(axis);
    long outer = count == 0 || out[0].numel() == 0 ? 0 : out[0].numel() * width / inner / count;
    long block = inner;
    long base = in[1].address();
    Parallel.run(
        outer * count,
        inner / width / 4 + 1,
        (from, to) -> {
          for (long n = from; n < to; n++) {
            long at = index(op.name(), base + n % count * step, size);
            long source = x.address() + (n / count * size + at) * block;
            Memory.copy(source, out[0].address() + n * block, block);
          }
        });
  }

  private static void nonzero(Tensor x, Tensor out) {
    int rank = x.dim();
    Lines lines = new Lines(Math.max(rank - 1, 0), Elements.atLeast1d(x));
    long[] place = new long[rank];
    long to = out.address();
    long end = to + out.numel() * Long.BYTES;
    long step = lines.step(0);
    for (long n = 0; n < lines.count() && to < end; n++) {
      long rest = n;
      for (int d = rank - 2; d >= 0; d--) {
        place[d] = rest % x.size(d);
        rest /= x.size(d);
      }
      long from = lines.address(0, n);
      for (long i = 0; i < lines.length(0) && to < end; i++) {
        // Written in any case and kept if true: there is room, and no branch to guess.
        for (int d = 0; d < rank - 1; d++) {
          Memory.ALL.set(Memory.LONG, to + d * (long) Long.BYTES, place[d]);
        }
        Memory.ALL.set(Memory.LONG, to + (rank - 1) * (long) Long.BYTES, i);
        to += isTrue(x.dtype(), from + i * step) ? rank * (long) Long.BYTES : 0;
      }
    }
    fill(out, to);
  }

  /** Rows that are asked for beyond those there are repeat the last one. */
  private static void fill(Tensor out, long from) {
    long bytes = out.dim() < 2 ? 0 : out.size(1) * Long.BYTES;
    long end = out.address() + out.numel() * Long.BYTES;
    for (long to = from; to < end; to += bytes) {
      if (to == out.address()) {
        Memory.part(to, bytes).fill((byte) 0);
      } else {
        Memory.part(to, bytes).copyFrom(Memory.part(to - bytes, bytes));
      }
    }
  }

  private static long count(Tensor x) {
    long[] count = {0};
    Strided strided = Strided.of(x.shape(), x);
    strided.forEach(
        (a, n) -> {
          long found = 0;
          for (long i = 0; i < n; i++) {
            found += isTrue(x.dtype(), a[0] + i * strided.stride(0)) ? 1 : 0;
          }
          count[0] += found;
        });
    return count[0];
  }

  private static boolean isTrue(DType type, long address) {
    return switch (type) {
      case BOOL, U8, I8 -> Memory.ALL.get(Memory.BYTE, address) != 0;
      case F16, BF16, F32, F64 -> Memory.real(type, address) != 0;
      case I16, I32, I64 -> Memory.integer(type, address) != 0;
    };
  }
}
