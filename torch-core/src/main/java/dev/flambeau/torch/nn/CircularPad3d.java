package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Padding;

/**
 * The data from the other side around the last three axes. PyTorch: {@code torch.nn.CircularPad3d}.
 */
public class CircularPad3d extends Pad {
  /**
   * Of these widths.
   *
   * @param padding one width for all sides, or pairs before and after, the last axis first
   */
  public CircularPad3d(long... padding) {
    super(Padding.CIRCULAR, 0, 3, padding);
  }
}
