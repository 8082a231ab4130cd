package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;

/** Squared within beta, linear beyond (Girshick 2015). PyTorch: {@code torch.nn.SmoothL1Loss}. */
public class SmoothL1Loss extends Module {
  private final double beta;
  private final LossReduction reduction;

  /** The mean, with beta 1. */
  public SmoothL1Loss() {
    this(1, LossReduction.MEAN);
  }

  public SmoothL1Loss(double beta, LossReduction reduction) {
    this.beta = beta;
    this.reduction = reduction;
  }

  public Tensor forward(Tensor input, Tensor target) {
    return F.smoothL1Loss(input, target, beta, reduction);
  }
}
