package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;

/**
 * Minus the logarithm of the Poisson distribution at the target. PyTorch: {@code
 * torch.nn.PoissonNLLLoss}.
 */
public class PoissonNLLLoss extends Module {
  private final boolean logInput;
  private final boolean full;
  private final double eps;
  private final LossReduction reduction;

  /** The mean, of a logarithm, without the constant term. */
  public PoissonNLLLoss() {
    this(true, false, 1e-8, LossReduction.MEAN);
  }

  /**
   * The same.
   *
   * @param logInput whether the input is the expectation's logarithm
   * @param full whether Stirling's approximation of log(target!) is added for targets above 1
   * @param eps added to an expectation before its logarithm is taken
   */
  public PoissonNLLLoss(boolean logInput, boolean full, double eps, LossReduction reduction) {
    this.logInput = logInput;
    this.full = full;
    this.eps = eps;
    this.reduction = reduction;
  }

  public Tensor forward(Tensor input, Tensor target) {
    return F.poissonNllLoss(input, target, logInput, full, eps, reduction);
  }
}
