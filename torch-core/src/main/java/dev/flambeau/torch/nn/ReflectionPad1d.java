package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Padding;

/**
 * The data mirrored at its edge around the last axis. PyTorch: {@code torch.nn.ReflectionPad1d}.
 */
public class ReflectionPad1d extends Pad {
  /**
   * Of these widths.
   *
   * @param padding one width for all sides, or pairs before and after, the last axis first
   */
  public ReflectionPad1d(long... padding) {
    super(Padding.REFLECT, 0, 1, padding);
  }
}
