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
    this.logTarget = logTarget;
    this.reduction = reduction;
  }

  public Tensor forward(Tensor input, Tensor target) {
    return F.klDiv(input, target, logTarget, reduction);
  }
}
