package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;

/** log(1 + exp(-target x)) with targets of 1 and -1. PyTorch: {@code torch.nn.SoftMarginLoss}. */
public class SoftMarginLoss extends Module {
  private final LossReduction reduction;

  /** The mean. */
  public SoftMarginLoss() {
    this(LossReduction.MEAN);
  }

  public SoftMarginLoss(LossReduction reduction) {
    this.reduction = reduction;
  }

  public Tensor forward(Tensor input, Tensor target) {
    return F.softMarginLoss(input, target, reduction);
  }
}
