package dev.flambeau.torch.nn;

import dev.flambeau.torch.op.Pointwise;

/**
 * x times the normal distribution function of x (Hendrycks and Gimpel 2016). PyTorch: {@code
 * torch.nn.GELU}.
 */
public class GELU extends Activation {
  /** How the distribution function is computed. */
  public enum Approximate {
    NONE,
    TANH
  }

  /** Exact, by the error function. */
  public GELU() {
    this(Approximate.NONE);
  }

  public GELU(Approximate approximate) {
    super(
        approximate == Approximate.TANH ? Pointwise.GELU_TANH : Pointwise.GELU,
        "approximate=" + (approximate == Approximate.TANH ? "'tanh'" : "'none'"));
  }
}
