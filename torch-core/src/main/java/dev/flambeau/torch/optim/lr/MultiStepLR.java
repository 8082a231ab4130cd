package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.optim.Optimizer;
import java.util.List;

/**
 * Multiplies the rate by gamma at each of some epochs, twice at one that is named twice. PyTorch:
 * {@code MultiStepLR}.
 */
public final class MultiStepLR extends LRScheduler {
  private final List<Long> milestones;
  private final double gamma;

  /** With gamma 0.1. */
  public MultiStepLR(Optimizer<?> optimizer, List<Long> milestones) {
    this(optimizer, milestones, 0.1);
  }

  public MultiStepLR(Optimizer<?> optimizer, List<Long> milestones, double gamma) {
    super(optimizer);
    this.milestones = milestones.stream().sorted().toList();
    this.gamma = gamma;
    start();
  }

  @Override
  double lr(int group) {
    long times = milestones.stream().filter(m -> m == epoch()).count();
    return times == 0 ? now(group) : now(group) * Math.pow(gamma, times);
  }

  @Override
  double closedForm(int group) {
    return base(group) * Math.pow(gamma, milestones.stream().filter(m -> m <= epoch()).count());
  }
}
