package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Padding;

/** Zeros around the last axis. PyTorch: {@code torch.nn.ZeroPad1d}. */
public class ZeroPad1d extends Pad {
  /**
   * Of these widths.
   *
   * @param padding one width for all sides, or pairs before and after, the last axis first
   */
  public ZeroPad1d(long... padding) {
    super(Padding.CONSTANT, 0, 1, padding);
  }
}
