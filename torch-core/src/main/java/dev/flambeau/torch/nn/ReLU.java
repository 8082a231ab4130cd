package dev.flambeau.torch.nn;

import dev.flambeau.torch.op.Pointwise;

/** max(x, 0). PyTorch: {@code torch.nn.ReLU}. */
public class ReLU extends Activation {
  public ReLU() {
    super(Pointwise.RELU);
  }
}
