package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Interpolation;

/**
 * (N, C, H, W) at another size by the nearest element. PyTorch: {@code
 * torch.nn.UpsamplingNearest2d}.
 */
public class UpsamplingNearest2d extends Upsample {
  /** So many times the size. */
  public UpsamplingNearest2d(double scale) {
    super(o -> o.scaleFactor(scale).mode(Interpolation.NEAREST));
  }

  /** Of this size, one for both axes or one for each. */
  public UpsamplingNearest2d(long... size) {
    super(o -> o.size(size).mode(Interpolation.NEAREST));
  }
}
