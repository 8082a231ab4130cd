package dev.flambeau.torch;

import dev.flambeau.torch.api.Elementwise;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.dispatch.Backends;
import dev.flambeau.torch.graph.CompiledFunction;
import dev.flambeau.torch.linalg.Einsum;
import dev.flambeau.torch.linalg.Products;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Factories, functions of several tensors, and gradient mode. Meant for static import. */
public final class Torch extends Branching {
  private Torch() {}

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

  /** {@code yes} where {@code condition} is true, else {@code no}. */
  public static Tensor where(Tensor condition, Tensor yes, Tensor no) {
    return Elementwise.where(condition, yes, no);
  }

  /**
   * Einstein's summation: {@code einsum("bij,bjk->bik", x, y)}; labels are letters, "..." stands
   * for broadcast axes. Operands are contracted two at a time in a greedy order.
   */
  public static Tensor einsum(String equation, Tensor... operands) {
    return Einsum.einsum(equation, List.of(operands));
  }

  /** Sums of products over the last {@code axes} axes of a and the first ones of b. */
  public static Tensor tensordot(Tensor a, Tensor b, int axes) {
    if (axes < 0 || axes > Math.min(a.dim(), b.dim())) {
      throw TorchException.argument(
          "tensordot", "dims", axes, "0 to " + Math.min(a.dim(), b.dim()));
    }
    int[] last = IntStream.range(a.dim() - axes, a.dim()).toArray();
    return tensordot(a, b, last, IntStream.range(0, axes).toArray());
  }

  /** {@link Products#tensordot}. */
  public static Tensor tensordot(Tensor a, Tensor b, int[] axesA, int[] axesB) {
    return Products.tensordot(a, b, axesA, axesB);
  }

  /** {@link Products#kron}. */
  public static Tensor kron(Tensor a, Tensor b) {
    return Products.kron(a, b);
  }

  /** The cross product along the first axis of size 3. */
  public static Tensor cross(Tensor a, Tensor b) {
    for (int axis = 0; axis < a.dim(); axis++) {
      if (a.size(axis) == 3) {
        return cross(a, b, axis);
      }
    }
    throw TorchException.shape("cross", "input", a.shape(), "a dimension of size 3");
  }

  /** The cross product along an axis of size 3; other axes broadcast. */
  public static Tensor cross(Tensor a, Tensor b, int axis) {
    return Products.cross("cross", a, b, axis);
  }

  /**
   * {@code function} as a captured graph with fused operators: the same numbers but for rounding.
   * Where gradients are recorded it is the function itself. Java code in it that depends on more
   * than the input's shape and type is fixed by the first call with each shape. PyTorch: {@code
   * torch.compile}.
   */
  public static UnaryOperator<Tensor> compile(UnaryOperator<Tensor> function) {
    return new CompiledFunction(function);
  }

  /**
   * What tensors on a device take, and the limit of that. {@link Device#META} has no memory.
   * PyTorch: {@code torch.cuda.memory_stats} and its kin.
   *
   * @throws TorchException for {@link Device#META}
   */
  public static DeviceMemory memory(Device device) {
    return Backends.memory(device);
  }
}
