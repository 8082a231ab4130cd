package dev.flambeau.torch;

import dev.flambeau.torch.api.Elementwise;
import dev.flambeau.torch.autograd.Engine;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.dispatch.Backends;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Cat;
import dev.flambeau.torch.op.Full;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** Factories, functions of several tensors, and gradient mode. Meant for static import. */
public final class Torch {
  private Torch() {}

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
    if (step == 0 || (end - start) * (double) step < 0) {
      throw TorchException.argument("arange", "step", step, "a step that leads from start to end");
    }
    long count = (end - start + step - Long.signum(step)) / step;
    Tensor t = empty(DType.I64, count);
    for (long i = 0; i < count; i++) {
      Memory.ALL.set(Memory.LONG, t.address() + i * Long.BYTES, start + i * step);
    }
    return t;
  }

  /** Restarts the default generator; PyTorch's numbers follow for the same seed. */
  public static Generator manualSeed(long seed) {
    return Generator.getDefault().manualSeed(seed);
  }

  /** Uniform on [0, 1), F32. */
  public static Tensor rand(long... sizes) {
    return empty(sizes).uniform_();
  }

  /** Uniform on [0, 1). */
  public static Tensor rand(DType type, long... sizes) {
    return empty(type, sizes).uniform_();
  }

  /** Normal with mean 0 and standard deviation 1, F32. */
  public static Tensor randn(long... sizes) {
    return empty(sizes).normal_();
  }

  /** Normal with mean 0 and standard deviation 1. */
  public static Tensor randn(DType type, long... sizes) {
    return empty(type, sizes).normal_();
  }

  /** Uniform on the integers {@code low} .. {@code high - 1}, I64. */
  public static Tensor randint(long low, long high, long... sizes) {
    return empty(DType.I64, sizes).random_(low, high);
  }

  /** 0 .. {@code n - 1} in random order, I64. */
  public static Tensor randperm(long n) {
    return randperm(n, Generator.getDefault());
  }

  /** 0 .. {@code n - 1} in random order, I64. */
  public static Tensor randperm(long n, Generator generator) {
    Tensor t = arange(n);
    for (long i = 0; i < n - 1; i++) {
      long here = t.address() + i * Long.BYTES;
      long there = here + generator.below(n - i) * Long.BYTES;
      long value = Memory.ALL.get(Memory.LONG, here);
      Memory.ALL.set(Memory.LONG, here, Memory.ALL.get(Memory.LONG, there));
      Memory.ALL.set(Memory.LONG, there, value);
    }
    return t;
  }

  /** {@code steps} numbers from {@code start} to {@code end}, both included, F32. */
  public static Tensor linspace(double start, double end, long steps) {
    Tensor t = empty(steps);
    float step = steps > 1 ? (float) ((end - start) / (steps - 1)) : 0;
    for (long i = 0; i < steps; i++) {
      // From both ends, so that the last number is exact.
      float value =
          i < steps / 2 || steps == 1
              ? (float) start + step * i
              : (float) end - step * (steps - 1 - i);
      Memory.ALL.set(Memory.FLOAT, t.address() + i * Float.BYTES, value);
    }
    return t;
  }

  /** The n x n identity matrix, F32. */
  public static Tensor eye(long n) {
    Tensor t = zeros(n, n);
    for (long i = 0; i < n; i++) {
      Memory.ALL.set(Memory.FLOAT, t.address() + i * (n + 1) * Float.BYTES, 1f);
    }
    return t;
  }

  /** Tensors one after another along an axis. */
  public static Tensor cat(List<Tensor> tensors, int axis) {
    if (tensors.isEmpty()) {
      throw TorchException.argument("cat", "tensors", "an empty list", "at least one tensor");
    }
    return Dispatcher.call(
        new Cat(tensors.get(0).shape().axis(axis)), tensors.toArray(Tensor[]::new));
  }

  /** Tensors of one shape along a new axis. */
  public static Tensor stack(List<Tensor> tensors, int axis) {
    return cat(tensors.stream().map(t -> t.unsqueeze(axis)).toList(), axis);
  }

  /** {@code yes} where {@code condition} is true, else {@code no}. */
  public static Tensor where(Tensor condition, Tensor yes, Tensor no) {
    return Elementwise.where(condition, yes, no);
  }

  /** Runs {@code body} without recording gradients. */
  public static <T> T noGrad(Supplier<T> body) {
    return Mode.current().withGrad(false).call(body);
  }

  /** Runs {@code body} without recording gradients. */
  public static void noGrad(Runnable body) {
    noGrad(
        () -> {
          body.run();
          return null;
        });
  }

  /** Whether gradients are recorded on this thread now. */
  public static boolean isGradEnabled() {
    return Mode.current().grad();
  }

  /**
   * d(output)/d(inputs) without touching the leaves' gradients; the output has one element.
   *
   * @param createGraph record the backward itself, for higher derivatives
   */
  public static List<Tensor> grad(Tensor output, List<Tensor> inputs, boolean createGraph) {
    Tensor[] roots = {output};
    Tensor[] seeds = {output.detach().onesLike()};
    return Arrays.asList(
        Engine.grad(roots, seeds, inputs.toArray(Tensor[]::new), createGraph, createGraph));
  }
}
