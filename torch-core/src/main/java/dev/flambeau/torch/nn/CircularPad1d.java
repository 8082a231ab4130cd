package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Padding;

/** The data from the other side around the last axis. PyTorch: {@code torch.nn.CircularPad1d}. */
public class CircularPad1d extends Pad {
  /**
   * Of these widths.
   *
   * @param padding one width for all sides, or pairs before and after, the last axis first
   */
  public CircularPad1d(long... padding) {
    super(Padding.CIRCULAR, 0, 1, padding);
  }
}
