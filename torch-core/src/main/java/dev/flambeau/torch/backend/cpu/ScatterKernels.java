package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.backend.cpu.IndexKernels.Cursor;
import dev.flambeau.torch.op.IndexSelect.IndexAdd;
import dev.flambeau.torch.op.Scatter;
import dev.flambeau.torch.op.Scatter.Reduce;
import java.lang.foreign.MemorySegment;

/** Writing and reducing at places an index names. */
final class ScatterKernels {
  private ScatterKernels() {}

  static void register(Kernels kernels) {
    kernels.register(Scatter.class, ScatterKernels::scatter);
    kernels.register(
        IndexAdd.class,
        (op, in, out) -> {
          Elements.zero(out[0]);
          long[] strides = new long[in[1].dim()];
          strides[op.axis()] = in[0].layout().stride(0);
          Layout wide = Layout.of(in[1].shape(), strides, in[0].layout().offset());
          add(op.name(), op.axis(), Elements.over(in[0], wide), in[1], out[0]);
        });
  }

  private static void scatter(Scatter op, Tensor[] in, Tensor[] out) {
    Elements.move(in[0], out[0]);
    Tensor target = out[0];
    DType type = target.dtype();
    if (!op.includeSelf() && op.reduce() != Reduce.SET) {
      IndexKernels.walk(
          op.axis(),
          in[1],
          target,
          in[2],
          false,
          (c, size, step, n) -> reset(op, type, c, size, step, n));
    }
    if (op.reduce() == Reduce.SUM) {
      add(op.name(), op.axis(), in[1], in[2], target);
    } else {
      IndexKernels.walk(
          op.axis(),
          in[1],
          target,
          in[2],
          false,
          (c, size, step, n) -> combine(op, type, c, size, step, n));
    }
    if (op.reduce() == Reduce.MEAN) {
      divide(op, in[1], in[2], target);
    }
  }

  /** What a reduction starts with where the old element does not count. */
  private static void reset(Scatter op, DType type, Cursor c, long size, long step, long count) {
    for (long i = 0; i < count; i++) {
      long to = place(op.name(), c, i, size, step);
      switch (op.reduce()) {
        case PROD -> Memory.integer(type, to, 1);
        case AMIN -> extreme(type, to, true);
        case AMAX -> extreme(type, to, false);
        case SET, SUM, MEAN -> Memory.integer(type, to, 0);
      }
    }
  }

  /** The type's largest or smallest value. */
  private static void extreme(DType type, long to, boolean largest) {
    switch (type) {
      case F16, BF16, F32, F64 -> {
        double infinity = Double.POSITIVE_INFINITY;
        Memory.real(type, to, largest ? infinity : -infinity);
      }
      case BOOL, U8 -> Memory.integer(type, to, largest ? 255 : 0);
      case I8, I16, I32, I64 -> {
        long low = Long.MIN_VALUE >> 64 - 8 * type.bytes();
        Memory.integer(type, to, largest ? ~low : low);
      }
    }
  }

  private static long place(String name, Cursor c, long i, long size, long step) {
    long at = IndexKernels.index(name, c.index() + i * c.indexStep(), size);
    return c.indexed() + i * c.indexedStep() + at * step;
  }

  /**
   * Adds the source at the index. Each processor adds to its part of the indexed axis, so that sums
   * are formed in one order.
   */
  private static void add(String name, int axis, Tensor index, Tensor source, Tensor target) {
    DType type = target.dtype();
    long length = Elements.atLeast1d(target).size(axis);
    // Single elements are read from all over memory: that is no faster on several processors.
    long cost = isRows(index, source) ? index.numel() * 2 / Math.max(length, 1) + 1 : 0;
    Parallel.run(
        length,
        cost,
        (from, to) ->
            IndexKernels.walk(
                axis,
                index,
                target,
                source,
                false,
                (c, size, step, n) -> {
                  if (c.indexStep() == 0) {
                    long at = IndexKernels.index(name, c.index(), size);
                    if (at >= from && at < to) {
                      long row = c.indexed() + at * step;
                      Elements.add(type, c.other(), c.otherStep(), row, c.indexedStep(), n);
                    }
                  } else if (from == 0 && to == length && isDenseFloat(type, c, n)) {
                    addFloats(name, c, size, step, (int) n);
                  } else {
                    addEach(name, type, c, size, step, n, from, to);
                  }
                }));
    if (length == 0 && index.numel() > 0) {
      throw TorchException.shape(name, "input", target.shape(), "elements that the index can name");
    }
  }

  /** Whether one index stands for a run of source elements. */
  private static boolean isRows(Tensor index, Tensor source) {
    if (index.dim() == 0 || source.dim() != index.dim()) {
      return false;
    }
    int inner = source.layout().axesByStride()[0];
    return index.layout().stride(inner) == 0 && index.size(inner) > 1;
  }

  private static boolean isDenseFloat(DType type, Cursor c, long count) {
    return type == DType.F32
        && c.indexStep() == Long.BYTES
        && c.otherStep() == Float.BYTES
        && count < 1 << 27;
  }

  private static void addFloats(String name, Cursor c, long size, long step, int count) {
    MemorySegment index = Memory.part(c.index(), (long) count * Long.BYTES);
    MemorySegment source = Memory.part(c.other(), (long) count * Float.BYTES);
    MemorySegment target = c.reach(size, step, count, Float.BYTES);
    if (c.indexedStep() == 0 && step == Float.BYTES) {
      addToLine(name, index, source, target, size, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      long at = IndexKernels.checked(name, index.get(Memory.LONG, (long) i * Long.BYTES), size);
      long place = i * c.indexedStep() + at * step;
      float sum =
          target.get(Memory.FLOAT, place) + source.get(Memory.FLOAT, (long) i * Float.BYTES);
      target.set(Memory.FLOAT, place, sum);
    }
  }

  private static void addToLine(
      String name,
      MemorySegment index,
      MemorySegment source,
      MemorySegment target,
      long size,
      int count) {
    for (int i = 0; i < count; i++) {
      long at = IndexKernels.checked(name, index.getAtIndex(Memory.LONG, i), size);
      float sum = target.getAtIndex(Memory.FLOAT, at) + source.getAtIndex(Memory.FLOAT, i);
      target.setAtIndex(Memory.FLOAT, at, sum);
    }
  }

  private static void addEach(
      String name, DType type, Cursor c, long size, long step, long count, long from, long to) {
    for (long i = 0; i < count; i++) {
      long at = IndexKernels.index(name, c.index() + i * c.indexStep(), size);
      if (at >= from && at < to) {
        long place = c.indexed() + i * c.indexedStep() + at * step;
        Elements.add(type, c.other() + i * c.otherStep(), place);
      }
    }
  }

  private static void combine(Scatter op, DType type, Cursor c, long size, long step, long count) {
    int width = type.bytes();
    for (long i = 0; i < count; i++) {
      long to = place(op.name(), c, i, size, step);
      long from = c.other() + i * c.otherStep();
      if (op.reduce() == Reduce.SET) {
        Elements.copy(width, from, to);
      } else if (type.isFloat()) {
        double a = Memory.real(type, to);
        double b = Memory.real(type, from);
        Memory.real(
            type,
            to,
            switch (op.reduce()) {
              case SET -> b;
              case SUM, MEAN -> a + b;
              case PROD -> a * b;
              case AMIN -> Math.min(a, b);
              case AMAX -> Math.max(a, b);
            });
      } else {
        long a = Memory.integer(type, to);
        long b = Memory.integer(type, from);
        Memory.integer(
            type,
            to,
            switch (op.reduce()) {
              case SET -> b;
              case SUM, MEAN -> a + b;
              case PROD -> a * b;
              case AMIN -> Math.min(a, b);
              case AMAX -> Math.max(a, b);
            });
      }
    }
  }

  /** Sums become means: each is divided by the number of elements that came to it. */
  private static void divide(Scatter op, Tensor index, Tensor source, Tensor target) {
    DType type = target.dtype();
    int width = type.bytes();
    if (target.numel() > Integer.MAX_VALUE - 8) {
      throw TorchException.shape(op.name(), "input", target.shape(), "up to 2^31-9 elements");
    }
    int[] counts = new int[(int) target.numel()];
    IndexKernels.walk(
        op.axis(),
        index,
        target,
        source,
        false,
        (c, size, step, n) -> {
          for (long i = 0; i < n; i++) {
            counts[(int) ((place(op.name(), c, i, size, step) - target.address()) / width)]++;
          }
        });
    for (int i = 0; i < counts.length; i++) {
      int count = counts[i] + (op.includeSelf() ? 1 : 0);
      long at = target.address() + (long) i * width;
      if (counts[i] > 0 && type.isFloat()) {
        Memory.real(type, at, Memory.real(type, at) / count);
      } else if (counts[i] > 0) {
        Memory.integer(type, at, Math.floorDiv(Memory.integer(type, at), count));
      }
    }
  }
}
