package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Activations;

/** x / (1 + |x|). PyTorch: {@code torch.nn.Softsign}. */
public class Softsign extends Activation {
  public Softsign() {
    super(Activations.SOFTSIGN);
  }
}
