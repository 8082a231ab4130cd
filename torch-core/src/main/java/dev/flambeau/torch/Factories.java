package dev.flambeau.torch;

import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.dispatch.Backends;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Full;
import java.lang.foreign.MemorySegment;
import java.util.function.LongToDoubleFunction;
import java.util.function.LongUnaryOperator;

/** Tensors made from numbers; used through {@link Torch}. */
class Factories {
  Factories() {}

  /** An F32 tensor of these elements in row-major order; no sizes: one axis. */
  public static Tensor tensor(float[] values, long... sizes) {
    Tensor t = allocate("tensor", DType.F32, values.length, sizes);
    MemorySegment.copy(values, 0, Memory.ALL, Memory.FLOAT, t.address(), values.length);
    return t;
  }

  /** An F64 tensor of these elements in row-major order; no sizes: one axis. */
  public static Tensor tensor(double[] values, long... sizes) {
    Tensor t = allocate("tensor", DType.F64, values.length, sizes);
    MemorySegment.copy(values, 0, Memory.ALL, Memory.DOUBLE, t.address(), values.length);
    return t;
  }

  /** An I64 tensor of these elements in row-major order; no sizes: one axis. */
  public static Tensor tensor(long[] values, long... sizes) {
    Tensor t = allocate("tensor", DType.I64, values.length, sizes);
    MemorySegment.copy(values, 0, Memory.ALL, Memory.LONG, t.address(), values.length);
    return t;
  }

  /** An I32 tensor of these elements in row-major order; no sizes: one axis. */
  public static Tensor tensor(int[] values, long... sizes) {
    Tensor t = allocate("tensor", DType.I32, values.length, sizes);
    MemorySegment.copy(values, 0, Memory.ALL, Memory.INT, t.address(), values.length);
    return t;
  }

  /** A U8 tensor of these elements in row-major order; no sizes: one axis. */
  public static Tensor tensor(byte[] values, long... sizes) {
    Tensor t = allocate("tensor", DType.U8, values.length, sizes);
    MemorySegment.copy(values, 0, Memory.ALL, Memory.BYTE, t.address(), values.length);
    return t;
  }

  /** A bool tensor of these elements in row-major order; no sizes: one axis. */
  public static Tensor tensor(boolean[] values, long... sizes) {
    Tensor t = allocate("tensor", DType.BOOL, values.length, sizes);
    for (int i = 0; i < values.length; i++) {
      Memory.ALL.set(Memory.BYTE, t.address() + i, (byte) (values[i] ? 1 : 0));
    }
    return t;
  }

  private static Tensor allocate(String operator, DType type, long count, long[] sizes) {
    Shape shape = sizes.length == 0 ? Shape.of(count) : Shape.of(sizes);
    if (shape.numel() != count) {
      throw TorchException.shape(
          operator, "sizes", shape, "sizes with " + count + " elements in all");
    }
    return Backends.allocate(Meta.contiguous(type, Device.CPU, shape));
  }

  /** A 0-d tensor: F32 for a Float or Double, I64 for whole numbers. */
  public static Tensor scalar(Number value) {
    boolean real = value instanceof Float || value instanceof Double;
    return full(real ? DType.F32 : DType.I64, value);
  }

  /** Uninitialized memory, F32. */
  public static Tensor empty(long... sizes) {
    return empty(DType.F32, sizes);
  }

  /** Uninitialized memory. */
  public static Tensor empty(DType type, long... sizes) {
    return Backends.allocate(Meta.contiguous(type, Device.CPU, Shape.of(sizes)));
  }

  public static Tensor zeros(long... sizes) {
    return full(DType.F32, 0, sizes);
  }

  public static Tensor zeros(DType type, long... sizes) {
    return full(type, 0, sizes);
  }

  public static Tensor ones(long... sizes) {
    return full(DType.F32, 1, sizes);
  }

  public static Tensor ones(DType type, long... sizes) {
    return full(type, 1, sizes);
  }

  /** One repeated value. */
  public static Tensor full(DType type, Number value, long... sizes) {
    Meta meta = Meta.contiguous(type, Device.CPU, Shape.of(sizes));
    return Dispatcher.call(new Full(meta, value.doubleValue(), value.longValue()));
  }

  /** 0, 1, ... {@code end - 1} as I64. */
  public static Tensor arange(long end) {
    return arange(0, end, 1);
  }

  /** {@code start, start + step, ...} below (above, for a negative step) {@code end}, as I64. */
  public static Tensor arange(long start, long end, long step) {
    return arange(DType.I64, start, end, step);
  }

  /** {@code start, start + step, ...} below (above, for a negative step) {@code end}, as F32. */
  public static Tensor arange(double start, double end, double step) {
    return arange(DType.F32, start, end, step);
  }

  /** {@code start, start + step, ...} below (above, for a negative step) {@code end}. */
  public static Tensor arange(DType type, Number start, Number end, Number step) {
    double range = end.doubleValue() - start.doubleValue();
    if (step.doubleValue() == 0 || range * step.doubleValue() < 0) {
      throw TorchException.argument("arange", "step", step, "a step that leads from start to end");
    }
    if (type == DType.I64) {
      long first = start.longValue();
      long by = step.longValue();
      if (by == 0) {
        throw TorchException.argument("arange", "step", step, "a whole number other than 0");
      }
      long count = (end.longValue() - first + by - Long.signum(by)) / by;
      checkCount(range, count);
      return integers(type, count, i -> first + i * by);
    }
    double count = Math.ceil(range / step.doubleValue());
    checkCount(range, count);
    double first = start.doubleValue();
    double by = step.doubleValue();
    return reals(type, (long) count, i -> first + i * by);
  }

  private static void checkCount(double range, double count) {
    if (Double.isNaN(range) || Double.isInfinite(range) || count >= Long.MAX_VALUE) {
      throw TorchException.argument(
          "arange", "start, end", "a range of " + range, "finite numbers");
    }
  }

  private static Tensor reals(DType type, long count, LongToDoubleFunction value) {
    Tensor t = empty(type, count);
    for (long i = 0; i < count; i++) {
      Memory.real(type, t.address() + i * type.bytes(), value.applyAsDouble(i));
    }
    return t;
  }

  private static Tensor integers(DType type, long count, LongUnaryOperator value) {
    Tensor t = empty(type, count);
    for (long i = 0; i < count; i++) {
      Memory.integer(type, t.address() + i * type.bytes(), value.applyAsLong(i));
    }
    return t;
  }

  /** {@code steps} numbers from {@code start} to {@code end}, both included, F32. */
  public static Tensor linspace(double start, double end, long steps) {
    return linspace(DType.F32, start, end, steps);
  }

  /** {@code steps} numbers from {@code start} to {@code end}, both included; integers truncate. */
  public static Tensor linspace(DType type, double start, double end, long steps) {
    checkSteps("linspace", steps);
    return reals(type, steps, spaced(type, start, end, steps));
  }

  private static void checkSteps(String operator, long steps) {
    if (steps < 0) {
      throw TorchException.argument(operator, "steps", steps, "0 or more");
    }
  }

  /** From both ends, so that the last number is exact; computed as PyTorch does in this type. */
  private static LongToDoubleFunction spaced(DType type, double start, double end, long steps) {
    if (type == DType.F32) {
      float first = (float) start;
      float last = (float) end;
      float step = steps > 1 ? (last - first) / (steps - 1) : 0;
      return i -> i < steps / 2 || steps == 1 ? first + step * i : last - step * (steps - 1 - i);
    }
    double first = type.isFloat() ? start : (long) start;
    double last = type.isFloat() ? end : (long) end;
    double step = steps > 1 ? (last - first) / (steps - 1) : 0;
    return i -> i < steps / 2 || steps == 1 ? first + step * i : last - step * (steps - 1 - i);
  }

  /** {@code base} to the powers of {@link #linspace(DType, double, double, long)}. */
  public static Tensor logspace(DType type, double start, double end, long steps, double base) {
    checkSteps("logspace", steps);
    LongToDoubleFunction exponent = spaced(type, start, end, steps);
    return reals(type, steps, i -> Math.pow(base, exponent.applyAsDouble(i)));
  }

  /** The n x n identity matrix, F32. */
  public static Tensor eye(long n) {
    return eye(DType.F32, n, n);
  }

  /** Zeros with ones on the main diagonal. */
  public static Tensor eye(DType type, long rows, long columns) {
    return ones(type, rows, columns).triu(0).tril(0);
  }

  /** Row and column numbers of the elements that {@code tril} keeps, as two rows of I64. */
  public static Tensor trilIndices(long rows, long columns, long offset) {
    return ones(DType.BOOL, rows, columns).tril(offset).nonzero().t().contiguous();
  }

  /** Row and column numbers of the elements that {@code triu} keeps, as two rows of I64. */
  public static Tensor triuIndices(long rows, long columns, long offset) {
    return ones(DType.BOOL, rows, columns).triu(offset).nonzero().t().contiguous();
  }
}
