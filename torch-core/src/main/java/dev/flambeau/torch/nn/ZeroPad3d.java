package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Padding;

/** Zeros around the last three axes. PyTorch: {@code torch.nn.ZeroPad3d}. */
public class ZeroPad3d extends Pad {
  /**
   * Of these widths.
   *
   * @param padding one width for all sides, or pairs before and after, the last axis first
   */
  public ZeroPad3d(long... padding) {
    super(Padding.CONSTANT, 0, 3, padding);
  }
}
