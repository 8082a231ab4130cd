package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;

/**
 * Means of parts of each spatial axis, as many as asked for. PyTorch: {@code
 * torch.nn.AdaptiveAvgPool2d}.
 */
public class AdaptiveAvgPool2d extends Module {
  private final long height;
  private final long width;

  /** A square output. */
  public AdaptiveAvgPool2d(long size) {
    this(size, size);
  }

  /** An output of this height and width; -1 keeps the input's. */
  public AdaptiveAvgPool2d(long height, long width) {
    this.height = height;
    this.width = width;
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.adaptiveAvgPool(input, height, width);
  }

  @Override
  protected String describe() {
    return "output_size=" + (height == width ? height : "(" + height + ", " + width + ")");
  }
}
