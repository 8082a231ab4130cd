package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Activations;

/** Scaled exponential linear unit (Klambauer et al. 2017). PyTorch: {@code torch.nn.SELU}. */
public class SELU extends Activation {
  public SELU() {
    super(Activations.SELU);
  }
}
