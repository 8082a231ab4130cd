package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;

/**
 * max(0, margin - target (first - second)) with targets of 1 and -1. PyTorch: {@code
 * torch.nn.MarginRankingLoss}.
 */
public class MarginRankingLoss extends Module {
  private final double margin;
  private final LossReduction reduction;

  /** The mean, with margin 0. */
  public MarginRankingLoss() {
    this(0, LossReduction.MEAN);
  }

  /**
   * The same.
   *
   * @param margin how far apart the inputs should be
   */
  public MarginRankingLoss(double margin, LossReduction reduction) {
    this.margin = margin;
    this.reduction = reduction;
  }

  public Tensor forward(Tensor first, Tensor second, Tensor target) {
    return F.marginRankingLoss(first, second, target, margin, reduction);
  }
}
