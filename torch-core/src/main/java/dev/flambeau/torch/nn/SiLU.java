package dev.flambeau.torch.nn;

import dev.flambeau.torch.op.Pointwise;

/** x sigmoid(x), also called swish. PyTorch: {@code torch.nn.SiLU}. */
public class SiLU extends Activation {
  public SiLU() {
    super(Pointwise.SILU);
  }
}
