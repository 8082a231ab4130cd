package dev.flambeau.torch.api;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.dispatch.Backends;
import java.lang.ref.Reference;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongUnaryOperator;

/**
 * Fills tensors with random numbers in row-major order. Each distribution consumes the generator
 * exactly as PyTorch's CPU kernels do.
 */
final class RandomFill {
  /** From this many elements on, PyTorch draws normal numbers in blocks of this size. */
  private static final int BLOCK = 16;

  private RandomFill() {}

  static Tensor uniform(Tensor t, double low, double high, Generator generator) {
    Mode.changing("uniform_");
    if (!(low <= high) || Double.isInfinite(high - low)) {
      throw TorchException.argument(
          "uniform_", "low, high", low + ", " + high, "finite bounds, low not above high");
    }
    requireFloat("uniform_", t);
    // PyTorch's kernel is compiled with contraction: product and sum are rounded once.
    if (t.dtype() == DType.F64) {
      return reals(t, () -> Math.fma(generator.uniformDouble(), high - low, low));
    }
    float from = (float) low;
    float width = (float) high - from;
    if (t.dtype() == DType.F32) {
      return reals(t, () -> Math.fma(generator.uniformFloat(), width, from));
    }
    // The half types keep as many random bits as they have digits.
    int digits = t.dtype() == DType.F16 ? 11 : 8;
    float scale = 1f / (1 << digits);
    return reals(t, () -> Math.fma((generator.bits32() & (1 << digits) - 1) * scale, width, from));
  }

  static Tensor bernoulli(Tensor t, double probability, Generator generator) {
    Mode.changing("bernoulli_");
    if (!(probability >= 0 && probability <= 1)) {
      throw TorchException.argument("bernoulli_", "p", probability, "a probability in [0, 1]");
    }
    return reals(t, () -> generator.uniformDouble() < probability ? 1 : 0);
  }

  static Tensor integers(Tensor t, long low, long high, Generator generator) {
    Mode.changing("random_");
    if (low >= high || high - low < 0) {
      throw TorchException.argument("random_", "low, high", low + ", " + high, "low below high");
    }
    long range = high - low;
    return fill(
        t,
        (target) -> {
          DType type = target.dtype();
          each(target, at -> generator.below(range) + low, type);
        });
  }

  static Tensor normal(Tensor t, double mean, double std, Generator generator) {
    Mode.changing("normal_");
    if (!(std >= 0)) {
      throw TorchException.argument("normal_", "std", std, "0 or more");
    }
    requireFloat("normal_", t);
    if (t.numel() < BLOCK || t.dtype().bytes() < Float.BYTES) {
      return reals(t, () -> generator.normal() * std + mean);
    }
    return fill(
        t,
        target -> {
          NormalBlocks blocks = new NormalBlocks(target, mean, std, generator);
          blocks.run();
        });
  }

  private record NormalBlocks(Tensor t, double mean, double std, Generator generator) {
    void run() {
      long n = t.numel();
      for (long i = 0; i < n; i++) {
        draw(i);
      }
      for (long i = 0; i + BLOCK <= n; i += BLOCK) {
        transform(i);
      }
      if (n % BLOCK != 0) {
        // The last block is drawn anew and overlaps the one before it.
        for (long i = n - BLOCK; i < n; i++) {
          draw(i);
        }
        transform(n - BLOCK);
      }
    }

    private void draw(long i) {
      boolean single = t.dtype() == DType.F32;
      set(i, single ? generator.uniformFloat() : generator.uniformDouble());
    }

    private void transform(long start) {
      boolean single = t.dtype() == DType.F32;
      for (long i = start; i < start + BLOCK / 2; i++) {
        double u = 1 - get(i);
        double radius = Math.sqrt(-2 * Math.log(u));
        double angle = 2 * Math.PI * get(i + BLOCK / 2);
        if (single) {
          radius = (float) radius;
          angle = (float) angle;
        }
        set(i, radius * Math.cos(angle) * std + mean);
        set(i + BLOCK / 2, radius * Math.sin(angle) * std + mean);
      }
    }

    private double get(long i) {
      return Memory.real(t.dtype(), t.address() + i * t.dtype().bytes());
    }

    private void set(long i, double value) {
      Memory.real(t.dtype(), t.address() + i * t.dtype().bytes(), value);
    }
  }

  private static void requireFloat(String operator, Tensor t) {
    if (!t.dtype().isFloat()) {
      throw TorchException.type(operator, "input", t.dtype(), "a floating point type");
    }
  }

  /** Fills a tensor of floats. */
  static Tensor draw(String operator, Tensor t, DoubleSupplier numbers) {
    requireFloat(operator, t);
    return reals(t, numbers);
  }

  static Tensor reals(Tensor t, DoubleSupplier numbers) {
    return fill(
        t,
        target -> {
          DType type = target.dtype();
          long end = target.address() + target.numel() * type.bytes();
          for (long at = target.address(); at < end; at += type.bytes()) {
            Memory.real(type, at, numbers.getAsDouble());
          }
        });
  }

  private static void each(Tensor target, LongUnaryOperator numbers, DType type) {
    long end = target.address() + target.numel() * type.bytes();
    for (long at = target.address(); at < end; at += type.bytes()) {
      Memory.integer(type, at, numbers.applyAsLong(at));
    }
  }

  /** Runs {@code body} on a row-major tensor whose elements become those of {@code t}. */
  private static Tensor fill(Tensor t, Consumer<Tensor> body) {
    if (Mode.current().grad() && t.requiresGrad()) {
      throw TorchException.gradient(
          "random numbers overwrite a tensor that requires grad; do it inside noGrad");
    }
    if (t.device() == Device.META) {
      return t;
    }
    if (t.isContiguous()) {
      body.accept(t);
      t.storage().bumpVersion();
      Reference.reachabilityFence(t);
      return t;
    }
    Tensor rows = Backends.allocate(Meta.contiguous(t.dtype(), t.device(), t.shape()));
    body.accept(rows);
    return t.copy_(rows);
  }
}
