package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.optim.Optimizer;

/**
 * From the rate at its start to {@code swaLr} in some epochs, which then stays, for averaging
 * weights. PyTorch: {@code torch.optim.swa_utils.SWALR}.
 */
public final class SWALR extends LRScheduler {
  private final double swaLr;
  private final long annealEpochs;
  private final boolean cosine;

  /** Along a cosine, in 10 epochs. */
  public SWALR(Optimizer<?> optimizer, double swaLr) {
    this(optimizer, swaLr, 10, true);
  }

  /**
   * @param cosine else along a straight line
   */
  public SWALR(Optimizer<?> optimizer, double swaLr, long annealEpochs, boolean cosine) {
    super(optimizer);
    if (!(swaLr >= 0)) {
      throw refused("swaLr", swaLr, "0 or more");
    }
    if (annealEpochs < 0) {
      throw refused("annealEpochs", annealEpochs, "0 or more");
    }
    this.swaLr = swaLr;
    this.annealEpochs = annealEpochs;
    this.cosine = cosine;
    start();
  }

  /** The part of the way that is done before a step, 0 to 1. */
  private double way(long step) {
    double t = Math.clamp((double) step / Math.max(1, annealEpochs), 0, 1);
    return cosine ? (1 - Math.cos(Math.PI * t)) / 2 : t;
  }

  @Override
  double lr(int group) {
    long step = annealEpochs == 0 ? Math.max(1, steps() - 1) : steps() - 1;
    double before = way(step - 1);
    double first = before == 1 ? swaLr : (now(group) - before * swaLr) / (1 - before);
    double now = way(step);
    return swaLr * now + first * (1 - now);
  }
}
