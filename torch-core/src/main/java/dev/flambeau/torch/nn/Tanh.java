package dev.flambeau.torch.nn;

import dev.flambeau.torch.op.Pointwise;

/** tanh(x). PyTorch: {@code torch.nn.Tanh}. */
public class Tanh extends Activation {
  public Tanh() {
    super(Pointwise.TANH);
  }
}
