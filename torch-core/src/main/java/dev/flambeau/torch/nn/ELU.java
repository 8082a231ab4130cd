package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Activations;

/**
 * x where positive, else alpha (exp(x) - 1) (Clevert et al. 2016). PyTorch: {@code torch.nn.ELU}.
 */
public class ELU extends Activation {
  /** With alpha 1.0. */
  public ELU() {
    this(1.0);
  }

  public ELU(double alpha) {
    super(Activations.elu(alpha), "alpha=" + alpha);
  }
}
