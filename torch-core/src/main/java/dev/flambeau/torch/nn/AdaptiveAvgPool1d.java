package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;

/**
 * Means of parts of each spatial axis of (N, C, L), as many as asked for. PyTorch: {@code
 * torch.nn.AdaptiveAvgPool1d}.
 */
public class AdaptiveAvgPool1d extends AdaptivePool {
  /** Of this size; -1 keeps the input's. */
  public AdaptiveAvgPool1d(long size) {
    super(1, size);
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.adaptiveAvgPool(input, sizes());
  }
}
