package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;

/** (input - target)^2. PyTorch: {@code torch.nn.MSELoss}. */
public class MSELoss extends Module {
  private final LossReduction reduction;

  /** The mean. */
  public MSELoss() {
    this(LossReduction.MEAN);
  }

  public MSELoss(LossReduction reduction) {
    this.reduction = reduction;
  }

  public Tensor forward(Tensor input, Tensor target) {
    return F.mseLoss(input, target, reduction);
  }
}
