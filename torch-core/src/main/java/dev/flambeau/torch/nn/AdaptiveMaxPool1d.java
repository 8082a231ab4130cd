package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.api.Reductions.ValuesIndices;
import dev.flambeau.torch.nn.functional.F;

/**
 * Maxima of parts of each spatial axis of (N, C, L), as many as asked for. PyTorch: {@code
 * torch.nn.AdaptiveMaxPool1d}.
 */
public class AdaptiveMaxPool1d extends AdaptivePool {
  /** Of this size; -1 keeps the input's. */
  public AdaptiveMaxPool1d(long size) {
    super(1, size);
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
