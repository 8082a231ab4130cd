package dev.flambeau.torch.api;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.SpecialOps;
import java.util.OptionalDouble;

/** Special functions that are methods in PyTorch; the others are in {@code Special}. */
public sealed interface SpecialFunctions extends Self permits Tensor {
  private Tensor call(Pointwise op) {
    return Dispatcher.call(op, self());
  }

  /** 1 - erf(x). */
  default Tensor erfc() {
    return call(SpecialOps.ERFC);
  }

  /** The inverse of erf. */
  default Tensor erfinv() {
    return call(SpecialOps.ERFINV);
  }

  /** log |gamma(x)|. */
  default Tensor lgamma() {
    return call(SpecialOps.LGAMMA);
  }

  /** The derivative of lgamma. */
  default Tensor digamma() {
    return call(SpecialOps.DIGAMMA);
  }

  /** Modified Bessel function of order 0. */
  default Tensor i0() {
    return call(SpecialOps.I0);
  }

  /** The n-th derivative of {@link #digamma}. */
  default Tensor polygamma(long n) {
    if (n < 0) {
      throw TorchException.argument("polygamma", "n", n, "0 or more");
    }
    return call(SpecialOps.polygamma(n));
  }

  /**
   * The logarithm of the multivariate gamma function of dimension p; elements above (p - 1) / 2.
   */
  default Tensor mvlgamma(int p) {
    if (p < 1) {
      throw TorchException.argument("mvlgamma", "p", p, "1 or more");
    }
    return call(SpecialOps.mvlgamma(p));
  }

  /** log(x / (1 - x)); with eps, of x clamped to [eps, 1 - eps]. */
  default Tensor logit(OptionalDouble eps) {
    return call(SpecialOps.logit(eps));
  }
}
