package dev.flambeau.torch.api;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;

/** Distributions made from uniform and normal numbers, as PyTorch's CPU kernels make them. */
final class Samplers {
  private static final long MOST_PLACES = 1 << 24;

  private Samplers() {}

  static Tensor exponential(Tensor t, double rate, Generator generator) {
    positive("exponential_", "lambd", rate);
    return RandomFill.draw(
        "exponential_", t, () -> -1 / rate * Math.log1p(-generator.uniformDouble()));
  }

  static Tensor logNormal(Tensor t, double mean, double std, Generator generator) {
    positive("log_normal_", "std", std);
    return RandomFill.draw("log_normal_", t, () -> Math.exp(generator.normal() * std + mean));
  }

  static Tensor cauchy(Tensor t, double median, double scale, Generator generator) {
    positive("cauchy_", "sigma", scale);
    return RandomFill.draw(
        "cauchy_", t, () -> median + scale * Math.tan(Math.PI * (generator.uniformDouble() - 0.5)));
  }

  static Tensor geometric(Tensor t, double p, Generator generator) {
    if (!(p > 0 && p < 1)) {
      throw TorchException.argument("geometric_", "p", p, "a probability between 0 and 1");
    }
    double scale = Math.log1p(-p);
    return RandomFill.reals(t, () -> Math.ceil(Math.log(generator.uniformDouble()) / scale));
  }

  private static void positive(String operator, String name, double value) {
    if (!(value > 0)) {
      throw TorchException.argument(operator, name, value, "above 0");
    }
  }

  static Tensor bernoulli(Tensor p, Generator generator) {
    Tensor x = p.detach();
    if (!x.dtype().isFloat()) {
      throw TorchException.type("bernoulli", "input", x.dtype(), "a floating point type");
    }
    if (x.numel() > 0 && x.ge(0).logicalAnd(x.le(1)).all().itemLong() == 0) {
      throw TorchException.argument("bernoulli", "input", "not all in [0, 1]", "probabilities");
    }
    Tensor uniform = Torch.empty(DType.F64, x.shape().sizes()).uniform_(0, 1, generator);
    return uniform.lt(x.to(DType.F64)).to(x.dtype());
  }

  static Tensor multinomial(Tensor weights, long samples, boolean again, Generator generator) {
    check(weights, samples, again);
    if (!again || samples == 1) {
      // The largest of weights over exponential numbers (Efraimidis and Spirakis 2006).
      Tensor race =
          weights.div(
              Torch.empty(weights.dtype(), weights.shape().sizes()).exponential_(1, generator));
      return race.topk(samples, -1, true).indices();
    }
    Tensor sums = weights.to(DType.F64).cumsum(-1);
    Tensor shares = sums.div(sums.narrow(-1, sums.size(-1) - 1, 1));
    long[] sizes = weights.shape().sizes();
    sizes[sizes.length - 1] = samples;
    Tensor uniform = Torch.empty(DType.F64, sizes).uniform_(0, 1, generator);
    return shares.searchsorted(uniform, true);
  }

  private static void check(Tensor weights, long samples, boolean again) {
    boolean sized = (weights.dim() == 1 || weights.dim() == 2) && weights.size(-1) > 0;
    if (!weights.dtype().isFloat() || !sized || weights.size(-1) > MOST_PLACES) {
      throw TorchException.shape(
          "multinomial",
          "input",
          weights.dtype() + " " + weights.shape(),
          "floats in a vector or matrix with 1 to 2^24 columns");
    }
    boolean sound =
        weights.ge(0).logicalAnd(weights.isfinite()).all().itemLong() == 1
            && weights.sum(-1).gt(0).all().itemLong() == 1;
    if (!sound) {
      throw TorchException.argument(
          "multinomial",
          "input",
          "not all sound",
          "numbers of 0 or more, some above 0 in each row");
    }
    long possible = again ? Long.MAX_VALUE : weights.ne(0).sum(-1).amin().itemLong();
    if (samples < 1 || samples > possible) {
      throw TorchException.argument(
          "multinomial",
          "num_samples",
          samples,
          "1 or more, and without replacement at most as many as there are elements above 0, "
              + possible);
    }
  }
}
