package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;

/**
 * (..., C r^2, H, W) to (..., C, H r, W r) (Shi et al. 2016). PyTorch: {@code
 * torch.nn.PixelShuffle}.
 */
public class PixelShuffle extends Module {
  private final long factor;

  public PixelShuffle(long factor) {
    this.factor = factor;
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.pixelShuffle(input, factor);
  }

  @Override
  protected String describe() {
    return "upscale_factor=" + factor;
  }
}
