package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;

/** |input - target|. PyTorch: {@code torch.nn.L1Loss}. */
public class L1Loss extends Module {
  private final LossReduction reduction;

  /** The mean. */
  public L1Loss() {
    this(LossReduction.MEAN);
  }

  public L1Loss(LossReduction reduction) {
    this.reduction = reduction;
  }

  public Tensor forward(Tensor input, Tensor target) {
    return F.l1Loss(input, target, reduction);
  }
}
