package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Activations;

/** x tanh(softplus(x)) (Misra 2019). PyTorch: {@code torch.nn.Mish}. */
public class Mish extends Activation {
  public Mish() {
    super(Activations.MISH);
  }
}
