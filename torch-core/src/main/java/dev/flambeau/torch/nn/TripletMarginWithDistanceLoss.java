package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;
import java.util.function.BinaryOperator;

/**
 * max(0, margin + d(anchor, positive) - d(anchor, negative)) with a distance of one's own. PyTorch:
 * {@code torch.nn.TripletMarginWithDistanceLoss}.
 */
public class TripletMarginWithDistanceLoss extends Module {
  private final BinaryOperator<Tensor> distance;
  private final double margin;
  private final boolean swap;
  private final LossReduction reduction;

  /** The mean, with margin 1 and without swap. */
  public TripletMarginWithDistanceLoss(BinaryOperator<Tensor> distance) {
    this(distance, 1, false, LossReduction.MEAN);
  }

  /**
   * The same.
   *
   * @param margin how much farther the negative should be
   * @param swap whether the smaller of the negative's distances to the other two counts
   */
  public TripletMarginWithDistanceLoss(
      BinaryOperator<Tensor> distance, double margin, boolean swap, LossReduction reduction) {
    this.distance = distance;
    this.margin = margin;
    this.swap = swap;
    this.reduction = reduction;
  }

  public Tensor forward(Tensor anchor, Tensor positive, Tensor negative) {
    return F.tripletMarginWithDistanceLoss(
        anchor, positive, negative, distance, margin, swap, reduction);
  }
}
