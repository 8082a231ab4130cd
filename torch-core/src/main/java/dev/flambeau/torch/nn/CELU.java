package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Activations;

/**
 * x where positive, else alpha (exp(x / alpha) - 1) (Barron 2017). PyTorch: {@code torch.nn.CELU}.
 */
public class CELU extends Activation {
  /** With alpha 1.0. */
  public CELU() {
    this(1.0);
  }

  public CELU(double alpha) {
    super(Activations.celu(alpha), "alpha=" + alpha);
  }
}
