package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;
import java.util.Optional;

/**
 * The mean over classes of the binary cross entropy of sigmoid(input). PyTorch: {@code
 * torch.nn.MultiLabelSoftMarginLoss}.
 */
public class MultiLabelSoftMarginLoss extends Module {
  @Buffer final Optional<Tensor> weight;
  private final LossReduction reduction;

  /** The mean. */
  public MultiLabelSoftMarginLoss() {
    this(Optional.empty(), LossReduction.MEAN);
  }

  /**
   * The same.
   *
   * @param weight a factor for each class
   */
  public MultiLabelSoftMarginLoss(Optional<Tensor> weight, LossReduction reduction) {
    this.weight = weight.map(w -> w.detach().copy());
    this.reduction = reduction;
  }

  public Tensor forward(Tensor input, Tensor target) {
    return F.multilabelSoftMarginLoss(input, target, weight, reduction);
  }
}
