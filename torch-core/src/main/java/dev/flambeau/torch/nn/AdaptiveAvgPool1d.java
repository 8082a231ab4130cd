package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;

/**
 * Means of parts of each spatial axis, as many as asked for. PyTorch: {@code
 * torch.nn.AdaptiveAvgPool1d}.
 */
public class AdaptiveAvgPool1d extends Module {
  private final long size;

  /**
   * With this size of the output.
   *
   * @param size -1 keeps the input's
   */
  public AdaptiveAvgPool1d(long size) {
    this.size = size;
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.adaptiveAvgPool(input, size);
  }

  @Override
  protected String describe() {
    return "output_size=" + size;
  }
}
