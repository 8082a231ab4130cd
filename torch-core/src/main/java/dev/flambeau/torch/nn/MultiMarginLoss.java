package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;
import java.util.Optional;

/**
 * The mean over classes of max(0, margin - x[target] + x[class])^p. PyTorch: {@code
 * torch.nn.MultiMarginLoss}.
 */
public class MultiMarginLoss extends Module {
  @Buffer final Optional<Tensor> weight;
  private final int p;
  private final double margin;
  private final LossReduction reduction;

  /** The mean, with p 1 and margin 1. */
  public MultiMarginLoss() {
    this(1, 1, Optional.empty(), LossReduction.MEAN);
  }

  /**
   * The same.
   *
   * @param p 1 or 2
   * @param weight a factor for each class
   */
  public MultiMarginLoss(int p, double margin, Optional<Tensor> weight, LossReduction reduction) {
    this.p = p;
    this.margin = margin;
    this.weight = weight.map(w -> w.detach().copy());
    this.reduction = reduction;
  }

  public Tensor forward(Tensor input, Tensor target) {
    return F.multiMarginLoss(input, target, p, margin, weight, reduction);
  }
}
