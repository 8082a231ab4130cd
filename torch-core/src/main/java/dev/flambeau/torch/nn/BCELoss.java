package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;
import java.util.Optional;

/** Binary cross entropy of probabilities. PyTorch: {@code torch.nn.BCELoss}. */
public class BCELoss extends Module {
  @Buffer final Optional<Tensor> weight;
  private final LossReduction reduction;

  /** The mean. */
  public BCELoss() {
    this(Optional.empty(), LossReduction.MEAN);
  }

  /**
   * The same.
   *
   * @param weight a factor of each loss, broadcast
   */
  public BCELoss(Optional<Tensor> weight, LossReduction reduction) {
    this.weight = weight.map(w -> w.detach().copy());
    this.reduction = reduction;
  }

  public Tensor forward(Tensor input, Tensor target) {
    return F.binaryCrossEntropy(input, target, weight, reduction);
  }
}
