package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.optim.Optimizer;

/**
 * From the first rate to {@code etaMin} and back along a cosine of half period {@code tMax}
 * (Loshchilov and Hutter 2017, without restarts). PyTorch: {@code CosineAnnealingLR}.
 */
public final class CosineAnnealingLR extends LRScheduler {
  private final long tMax;
  private final double etaMin;

  /** Down to 0. */
  public CosineAnnealingLR(Optimizer<?> optimizer, long tMax) {
    this(optimizer, tMax, 0);
  }

  public CosineAnnealingLR(Optimizer<?> optimizer, long tMax, double etaMin) {
    super(optimizer);
    if (tMax < 1) {
      throw refused("tMax", tMax, "1 or more");
    }
    this.tMax = tMax;
    this.etaMin = etaMin;
    start();
  }

  @Override
  double lr(int group) {
    if (epoch() == 0) {
      return now(group);
    }
    if (steps() == 1) {
      return closedForm(group);
    }
    if ((epoch() - 1 - tMax) % (2 * tMax) == 0) {
      return now(group) + (base(group) - etaMin) * (1 - Math.cos(Math.PI / tMax)) / 2;
    }
    return (1 + Math.cos(Math.PI * epoch() / tMax))
            / (1 + Math.cos(Math.PI * (epoch() - 1) / tMax))
            * (now(group) - etaMin)
        + etaMin;
  }

  @Override
  double closedForm(int group) {
    return etaMin + (base(group) - etaMin) * (1 + Math.cos(Math.PI * epoch() / tMax)) / 2;
  }
}
