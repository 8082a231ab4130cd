package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;

/** (..., C, H r, W r) to (..., C r^2, H, W). PyTorch: {@code torch.nn.PixelUnshuffle}. */
public class PixelUnshuffle extends Module {
  private final long factor;

  public PixelUnshuffle(long factor) {
    this.factor = factor;
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.pixelUnshuffle(input, factor);
  }

  @Override
  protected String describe() {
    return "downscale_factor=" + factor;
  }
}
