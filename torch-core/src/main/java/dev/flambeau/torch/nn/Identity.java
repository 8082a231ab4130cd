package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;

/** Returns its input. PyTorch: {@code torch.nn.Identity}. */
public class Identity extends Module {
  public Identity() {}

  @Override
  public Tensor forward(Tensor input) {
    return input;
  }
}
