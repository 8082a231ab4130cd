package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;

/** Random numbers; ONNX leaves the generator open, here it is PyTorch's. */
final class RandomValues {
  private RandomValues() {}

  static void register(Registry r) {
    r.values("RandomUniform", c -> uniform(c, shape(c), ElementType.FLOAT));
    r.values("RandomUniformLike", c -> uniform(c, c.in(0).shape().sizes(), c.element(0)));
    r.values("RandomNormal", c -> normal(c, shape(c), ElementType.FLOAT));
    r.values("RandomNormalLike", c -> normal(c, c.in(0).shape().sizes(), c.element(0)));
    r.values("Bernoulli", since(15), RandomValues::bernoulli);
    r.values("Multinomial", RandomValues::multinomial);
  }

  private static long[] shape(Call c) {
    long[] sizes = c.node().ints("shape", new long[0]);
    Limits.checked(c.name(), sizes);
    return sizes;
  }

  /** Of the node's seed, if it has one: the same numbers in each run. */
  private static Generator generator(Call c) {
    return c.node().has("seed")
        ? new Generator((long) c.node().f("seed", 0))
        : Generator.getDefault();
  }

  private static OnnxValue[] typed(Call c, Tensor x, ElementType type) {
    return Casting.cast(OnnxValue.of(x), c.node().element("dtype", type), c);
  }

  private static OnnxValue[] uniform(Call c, long[] sizes, ElementType type) {
    double low = c.node().f("low", 0);
    Tensor x = Torch.empty(sizes).uniform_(low, c.node().f("high", 1), generator(c));
    return typed(c, x, type);
  }

  private static OnnxValue[] normal(Call c, long[] sizes, ElementType type) {
    double mean = c.node().f("mean", 0);
    Tensor x = Torch.empty(sizes).normal_(mean, c.node().f("scale", 1), generator(c));
    return typed(c, x, type);
  }

  private static OnnxValue[] bernoulli(Call c) {
    return typed(c, c.in(0).detach().bernoulli(generator(c)), c.element(0));
  }

  /** Numbers of classes drawn by unnormalized log-probabilities (N, C) -> (N, sample_size). */
  private static OnnxValue[] multinomial(Call c) {
    long samples = c.node().i("sample_size", 1);
    Limits.checked(c.name(), c.in(0).size(0), samples);
    Tensor p = c.in(0).detach().to(DType.F32).softmax(1);
    return typed(c, p.multinomial(samples, true, generator(c)), ElementType.INT32);
  }
}
