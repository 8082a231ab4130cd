package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.optim.Optimizer;

/** Multiplies the rate by gamma every epoch. PyTorch: {@code ExponentialLR}. */
public final class ExponentialLR extends LRScheduler {
  private final double gamma;

  public ExponentialLR(Optimizer<?> optimizer, double gamma) {
    super(optimizer);
    this.gamma = gamma;
    start();
  }

  @Override
  double lr(int group) {
    return epoch() == 0 ? now(group) : now(group) * gamma;
  }

  @Override
  double closedForm(int group) {
    return base(group) * Math.pow(gamma, epoch());
  }
}
