package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;
import java.util.Optional;

/** Binary cross entropy of sigmoid(input). PyTorch: {@code torch.nn.BCEWithLogitsLoss}. */
public class BCEWithLogitsLoss extends Module {
  @Buffer final Optional<Tensor> weight;
  @Buffer final Optional<Tensor> posWeight;
  private final LossReduction reduction;

  /** The mean. */
  public BCEWithLogitsLoss() {
    this(Optional.empty(), Optional.empty(), LossReduction.MEAN);
  }

  /**
   * The same.
   *
   * @param weight a factor of each loss, broadcast
   * @param posWeight a factor of the losses of positive targets, broadcast
   */
  public BCEWithLogitsLoss(
      Optional<Tensor> weight, Optional<Tensor> posWeight, LossReduction reduction) {
    this.weight = weight.map(w -> w.detach().copy());
    this.posWeight = posWeight.map(w -> w.detach().copy());
    this.reduction = reduction;
  }

  public Tensor forward(Tensor input, Tensor target) {
    return F.binaryCrossEntropyWithLogits(input, target, weight, posWeight, reduction);
  }
}
