package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;

/**
 * x where the target is 1, max(0, margin - x) where it is -1. PyTorch: {@code
 * torch.nn.HingeEmbeddingLoss}.
 */
public class HingeEmbeddingLoss extends Module {
  private final double margin;
  private final LossReduction reduction;

  /** The mean, with margin 1. */
  public HingeEmbeddingLoss() {
    this(1, LossReduction.MEAN);
  }

  /**
   * The same.
   *
   * @param margin where the loss of the target -1 ends
   */
  public HingeEmbeddingLoss(double margin, LossReduction reduction) {
    this.margin = margin;
    this.reduction = reduction;
  }

  public Tensor forward(Tensor input, Tensor target) {
    return F.hingeEmbeddingLoss(input, target, margin, reduction);
  }
}
