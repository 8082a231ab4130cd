package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;

/**
 * Means of parts of each spatial axis of (N, C, H, W), as many as asked for. PyTorch: {@code
 * torch.nn.AdaptiveAvgPool2d}.
 */
public class AdaptiveAvgPool2d extends AdaptivePool {
  /** Of this size; -1 keeps the input's. */
  public AdaptiveAvgPool2d(long size) {
    super(2, size);
  }

  /** Of these sizes; -1 keeps the input's. */
  public AdaptiveAvgPool2d(long height, long width) {
    super(2, height, width);
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.adaptiveAvgPool(input, sizes());
  }
}
