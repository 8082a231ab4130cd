package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Padding;

/**
 * The data from the other side around the last two axes. PyTorch: {@code torch.nn.CircularPad2d}.
 */
public class CircularPad2d extends Pad {
  /**
   * Of these widths.
   *
   * @param padding one width for all sides, or pairs before and after, the last axis first
   */
  public CircularPad2d(long... padding) {
    super(Padding.CIRCULAR, 0, 2, padding);
  }
}
