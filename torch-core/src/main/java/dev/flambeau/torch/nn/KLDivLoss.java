package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;

/**
 * Kullback-Leibler divergence of the target from exp(input), element by element. PyTorch: {@code
 * torch.nn.KLDivLoss}.
 */
public class KLDivLoss extends Module {
  private final boolean logTarget;
  private final LossReduction reduction;
  private final boolean perSample;

  /** The mean over elements, for a target of probabilities. */
  public KLDivLoss() {
    this(false, LossReduction.MEAN);
  }

  /**
   * The same.
   *
   * @param logTarget whether the target is a logarithm as well
   */
  public KLDivLoss(boolean logTarget, LossReduction reduction) {
    this(logTarget, reduction, false);
  }

  private KLDivLoss(boolean logTarget, LossReduction reduction, boolean perSample) {
    this.logTarget = logTarget;
    this.reduction = reduction;
    this.perSample = perSample;
  }

  /** The sum over the number of samples, the divergence proper; PyTorch: {@code batchmean}. */
  public static KLDivLoss batchMean(boolean logTarget) {
    return new KLDivLoss(logTarget, LossReduction.SUM, true);
  }

  public Tensor forward(Tensor input, Tensor target) {
    return perSample
        ? F.klDivBatchMean(input, target, logTarget)
        : F.klDiv(input, target, logTarget, reduction);
  }
}
