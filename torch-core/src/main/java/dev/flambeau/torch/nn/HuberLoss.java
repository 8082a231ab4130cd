package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;

/** Squared within delta, linear beyond (Huber 1964). PyTorch: {@code torch.nn.HuberLoss}. */
public class HuberLoss extends Module {
  private final double delta;
  private final LossReduction reduction;

  /** The mean, with delta 1. */
  public HuberLoss() {
    this(1, LossReduction.MEAN);
  }

  public HuberLoss(double delta, LossReduction reduction) {
    this.delta = delta;
    this.reduction = reduction;
  }

  public Tensor forward(Tensor input, Tensor target) {
    return F.huberLoss(input, target, delta, reduction);
  }
}
