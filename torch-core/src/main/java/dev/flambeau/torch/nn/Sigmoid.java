package dev.flambeau.torch.nn;

import dev.flambeau.torch.op.Pointwise;

/** 1 / (1 + exp(-x)). PyTorch: {@code torch.nn.Sigmoid}. */
public class Sigmoid extends Activation {
  public Sigmoid() {
    super(Pointwise.SIGMOID);
  }
}
