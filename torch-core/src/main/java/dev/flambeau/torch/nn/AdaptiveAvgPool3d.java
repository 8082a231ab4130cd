package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;

/**
 * Means of parts of each spatial axis of (N, C, D, H, W), as many as asked for. PyTorch: {@code
 * torch.nn.AdaptiveAvgPool3d}.
 */
public class AdaptiveAvgPool3d extends AdaptivePool {
  /** Of this size; -1 keeps the input's. */
  public AdaptiveAvgPool3d(long size) {
    super(3, size);
  }

  /** Of these sizes; -1 keeps the input's. */
  public AdaptiveAvgPool3d(long depth, long height, long width) {
    super(3, depth, height, width);
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.adaptiveAvgPool(input, sizes());
  }
}
