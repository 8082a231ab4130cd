package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Padding;

/**
 * The data mirrored at its edge around the last three axes. PyTorch: {@code
 * torch.nn.ReflectionPad3d}.
 */
public class ReflectionPad3d extends Pad {
  /**
   * Of these widths.
   *
   * @param padding one width for all sides, or pairs before and after, the last axis first
   */
  public ReflectionPad3d(long... padding) {
    super(Padding.REFLECT, 0, 3, padding);
  }
}
