package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.optim.Optimizer;

/** Multiplies the rate by gamma every {@code stepSize} epochs. PyTorch: {@code StepLR}. */
public final class StepLR extends LRScheduler {
  private final long stepSize;
  private final double gamma;

  /** With gamma 0.1. */
  public StepLR(Optimizer<?> optimizer, long stepSize) {
    this(optimizer, stepSize, 0.1);
  }

  public StepLR(Optimizer<?> optimizer, long stepSize, double gamma) {
    super(optimizer);
    if (stepSize < 1) {
      throw refused("stepSize", stepSize, "1 or more");
    }
    this.stepSize = stepSize;
    this.gamma = gamma;
    start();
  }

  @Override
  double lr(int group) {
    return epoch() == 0 || epoch() % stepSize != 0 ? now(group) : now(group) * gamma;
  }

  @Override
  double closedForm(int group) {
    return base(group) * Math.pow(gamma, Math.floorDiv(epoch(), stepSize));
  }
}
