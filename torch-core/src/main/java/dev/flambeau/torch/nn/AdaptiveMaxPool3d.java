package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.api.Reductions.ValuesIndices;
import dev.flambeau.torch.nn.functional.F;

/**
 * Maxima of parts of each spatial axis of (N, C, D, H, W), as many as asked for. PyTorch: {@code
 * torch.nn.AdaptiveMaxPool3d}.
 */
public class AdaptiveMaxPool3d extends AdaptivePool {
  /** Of this size; -1 keeps the input's. */
  public AdaptiveMaxPool3d(long size) {
    super(3, size);
  }

  /** Of these sizes; -1 keeps the input's. */
  public AdaptiveMaxPool3d(long depth, long height, long width) {
    super(3, depth, height, width);
  }

  @Override
  public Tensor forward(Tensor input) {
    return forwardWithIndices(input).values();
  }

  /** The maxima and their places, counted row by row over the spatial axes. */
  public ValuesIndices forwardWithIndices(Tensor input) {
    return F.adaptiveMaxPool(input, sizes());
  }
}
