package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.optim.Optimizer;

/** The rate times a factor for the first {@code totalIters} epochs. PyTorch: {@code ConstantLR}. */
public final class ConstantLR extends LRScheduler {
  private final double factor;
  private final long totalIters;

  /** A third, for 5 epochs. */
  public ConstantLR(Optimizer<?> optimizer) {
    this(optimizer, 1.0 / 3, 5);
  }

  /**
   * Sets the rates of epoch 0.
   *
   * @param factor 0 (exclusive) to 1
   */
  public ConstantLR(Optimizer<?> optimizer, double factor, long totalIters) {
    super(optimizer);
    if (!(factor > 0 && factor <= 1)) {
      throw refused("factor", factor, "more than 0 and at most 1");
    }
    this.factor = factor;
    this.totalIters = totalIters;
    start();
  }

  @Override
  double lr(int group) {
    if (epoch() == 0) {
      return now(group) * factor;
    }
    return epoch() == totalIters ? now(group) * (1.0 / factor) : now(group);
  }

  @Override
  double closedForm(int group) {
    return epoch() >= totalIters ? base(group) : base(group) * factor;
  }
}
