package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Padding;

/**
 * The data mirrored at its edge around the last two axes. PyTorch: {@code
 * torch.nn.ReflectionPad2d}.
 */
public class ReflectionPad2d extends Pad {
  /**
   * Of these widths.
   *
   * @param padding one width for all sides, or pairs before and after, the last axis first
   */
  public ReflectionPad2d(long... padding) {
    super(Padding.REFLECT, 0, 2, padding);
  }
}
