package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;

/**
 * Margin loss of several classes each; targets end at the first -1. PyTorch: {@code
 * torch.nn.MultiLabelMarginLoss}.
 */
public class MultiLabelMarginLoss extends Module {
  private final LossReduction reduction;

  /** The mean. */
  public MultiLabelMarginLoss() {
    this(LossReduction.MEAN);
  }

  public MultiLabelMarginLoss(LossReduction reduction) {
    this.reduction = reduction;
  }

  public Tensor forward(Tensor input, Tensor target) {
    return F.multilabelMarginLoss(input, target, reduction);
  }
}
