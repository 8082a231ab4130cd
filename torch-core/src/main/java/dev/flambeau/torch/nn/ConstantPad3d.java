package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Padding;

/** A number around the last three axes. PyTorch: {@code torch.nn.ConstantPad3d}. */
public class ConstantPad3d extends Pad {
  private final double value;

  /**
   * With this number.
   *
   * @param padding one width for all sides, or pairs before and after, the last axis first;
   *     negative ones cut
   */
  public ConstantPad3d(double value, long... padding) {
    super(Padding.CONSTANT, value, 3, padding);
    this.value = value;
  }

  @Override
  protected String describe() {
    return "padding=" + widths() + ", value=" + value;
  }
}
