package dev.flambeau.torch.nn;

import dev.flambeau.torch.op.Pointwise;

/** relu6(x + 3) / 6 (Howard et al. 2019). PyTorch: {@code torch.nn.Hardsigmoid}. */
public class Hardsigmoid extends Activation {
  public Hardsigmoid() {
    super(Pointwise.HARDSIGMOID);
  }
}
