package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Padding;

/** A number around the last axis. PyTorch: {@code torch.nn.ConstantPad1d}. */
public class ConstantPad1d extends Pad {
  private final double value;

  /**
   * With this number.
   *
   * @param padding one width for all sides, or pairs before and after, the last axis first;
   *     negative ones cut
   */
  public ConstantPad1d(double value, long... padding) {
    super(Padding.CONSTANT, value, 1, padding);
    this.value = value;
  }

  @Override
  protected String describe() {
    return "padding=" + widths() + ", value=" + value;
  }
}
