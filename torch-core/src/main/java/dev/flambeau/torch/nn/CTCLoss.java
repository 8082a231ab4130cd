package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;

/**
 * Connectionist temporal classification (Graves et al. 2006). PyTorch: {@code torch.nn.CTCLoss}.
 */
public class CTCLoss extends Module {
  private final long blank;
  private final boolean zeroInfinity;
  private final LossReduction reduction;

  /** The mean, with class 0 as the blank. */
  public CTCLoss() {
    this(0, false, LossReduction.MEAN);
  }

  /**
   * The same.
   *
   * @param blank the class that says nothing
   * @param zeroInfinity whether losses of targets that do not fit become 0
   */
  public CTCLoss(long blank, boolean zeroInfinity, LossReduction reduction) {
    this.blank = blank;
    this.zeroInfinity = zeroInfinity;
    this.reduction = reduction;
  }

  public Tensor forward(
      Tensor logProbabilities, Tensor targets, Tensor inputLengths, Tensor targetLengths) {
    return F.ctcLoss(
        logProbabilities, targets, inputLengths, targetLengths, blank, zeroInfinity, reduction);
  }
}
