package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Interpolation;

/**
 * (N, C, H, W) at another size by linear interpolation, corner elements keeping their places.
 * PyTorch: {@code torch.nn.UpsamplingBilinear2d}.
 */
public class UpsamplingBilinear2d extends Upsample {
  /** So many times the size. */
  public UpsamplingBilinear2d(double scale) {
    super(o -> o.scaleFactor(scale).mode(Interpolation.LINEAR).alignCorners(true));
  }

  /** Of this size, one for both axes or one for each. */
  public UpsamplingBilinear2d(long... size) {
    super(o -> o.size(size).mode(Interpolation.LINEAR).alignCorners(true));
  }
}
