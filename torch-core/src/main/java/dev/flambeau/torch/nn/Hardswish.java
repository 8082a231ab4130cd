package dev.flambeau.torch.nn;

import dev.flambeau.torch.op.Pointwise;

/** x relu6(x + 3) / 6 (Howard et al. 2019). PyTorch: {@code torch.nn.Hardswish}. */
public class Hardswish extends Activation {
  public Hardswish() {
    super(Pointwise.HARDSWISH);
  }
}
