package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;

/**
 * 1 - cos of the angle of two rows where the target is 1, max(0, cos - margin) where it is -1.
 * PyTorch: {@code torch.nn.CosineEmbeddingLoss}.
 */
public class CosineEmbeddingLoss extends Module {
  private final double margin;
  private final LossReduction reduction;

  /** The mean, with margin 0. */
  public CosineEmbeddingLoss() {
    this(0, LossReduction.MEAN);
  }

  /**
   * The same.
   *
   * @param margin the cosine up to which the target -1 costs nothing
   */
  public CosineEmbeddingLoss(double margin, LossReduction reduction) {
    this.margin = margin;
    this.reduction = reduction;
  }

  public Tensor forward(Tensor first, Tensor second, Tensor target) {
    return F.cosineEmbeddingLoss(first, second, target, margin, reduction);
  }
}
