package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Padding;

/** Zeros around the last two axes. PyTorch: {@code torch.nn.ZeroPad2d}. */
public class ZeroPad2d extends Pad {
  /**
   * Of these widths.
   *
   * @param padding one width for all sides, or pairs before and after, the last axis first
   */
  public ZeroPad2d(long... padding) {
    super(Padding.CONSTANT, 0, 2, padding);
  }
}
