package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.optim.Optimizer;

/**
 * A factor of the rate that goes straight from one number to another in {@code totalIters} epochs,
 * as for a warm-up. PyTorch: {@code LinearLR}.
 */
public final class LinearLR extends LRScheduler {
  private final double from;
  private final double to;
  private final long totalIters;

  /** From a third to 1 in 5 epochs. */
  public LinearLR(Optimizer<?> optimizer) {
    this(optimizer, 1.0 / 3, 1, 5);
  }

  /**
   * Sets the rates of epoch 0.
   *
   * @param startFactor 0 (exclusive) to 1
   * @param endFactor 0 to 1
   */
  public LinearLR(Optimizer<?> optimizer, double startFactor, double endFactor, long totalIters) {
    super(optimizer);
    if (!(startFactor > 0 && startFactor <= 1)) {
      throw refused("startFactor", startFactor, "more than 0 and at most 1");
    }
    if (!(endFactor >= 0 && endFactor <= 1)) {
      throw refused("endFactor", endFactor, "0 to 1");
    }
    this.from = startFactor;
    this.to = endFactor;
    this.totalIters = totalIters;
    start();
  }

  @Override
  double lr(int group) {
    if (epoch() == 0) {
      return now(group) * from;
    }
    if (epoch() > totalIters) {
      return now(group);
    }
    return now(group) * (1 + (to - from) / (totalIters * from + (epoch() - 1) * (to - from)));
  }

  @Override
  double closedForm(int group) {
    return base(group) * (from + (to - from) * Math.min(totalIters, epoch()) / totalIters);
  }
}
