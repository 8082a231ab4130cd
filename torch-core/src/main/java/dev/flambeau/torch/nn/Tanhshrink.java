package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Activations;

/** x - tanh(x). PyTorch: {@code torch.nn.Tanhshrink}. */
public class Tanhshrink extends Activation {
  public Tanhshrink() {
    super(Activations.TANHSHRINK);
  }
}
