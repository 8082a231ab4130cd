package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.optim.Optimizer;

/** The rate times (1 - epoch / totalIters)^power, 0 after that. PyTorch: {@code PolynomialLR}. */
public final class PolynomialLR extends LRScheduler {
  private final long totalIters;
  private final double power;

  /** Straight to 0 in 5 epochs. */
  public PolynomialLR(Optimizer<?> optimizer) {
    this(optimizer, 5, 1);
  }

  public PolynomialLR(Optimizer<?> optimizer, long totalIters, double power) {
    super(optimizer);
    if (totalIters < 1) {
      throw refused("totalIters", totalIters, "1 or more");
    }
    this.totalIters = totalIters;
    this.power = power;
    start();
  }

  @Override
  double lr(int group) {
    if (epoch() == 0 || epoch() > totalIters) {
      return now(group);
    }
    double total = totalIters;
    return now(group) * Math.pow((1 - epoch() / total) / (1 - (epoch() - 1) / total), power);
  }

  @Override
  double closedForm(int group) {
    return base(group) * Math.pow(1 - Math.min(totalIters, epoch()) / (double) totalIters, power);
  }
}
