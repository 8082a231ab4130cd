package dev.flambeau.torch.nn;

import dev.flambeau.torch.op.Pointwise;

/** x where positive, else slope * x. PyTorch: {@code torch.nn.LeakyReLU}. */
public class LeakyReLU extends Activation {
  /** With slope 0.01. */
  public LeakyReLU() {
    this(0.01);
  }

  public LeakyReLU(double slope) {
    super(Pointwise.leakyRelu(slope), "negative_slope=" + slope);
  }
}
