package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;

/**
 * Minus the logarithm of the normal distribution with the input as expectation at the target.
 * PyTorch: {@code torch.nn.GaussianNLLLoss}.
 */
public class GaussianNLLLoss extends Module {
  private final boolean full;
  private final double eps;
  private final LossReduction reduction;

  /** The mean, without the constant term. */
  public GaussianNLLLoss() {
    this(false, 1e-6, LossReduction.MEAN);
  }

  /**
   * The same.
   *
   * @param full whether the constant log(2 pi) / 2 is added
   * @param eps the least variance
   */
  public GaussianNLLLoss(boolean full, double eps, LossReduction reduction) {
    this.full = full;
    this.eps = eps;
    this.reduction = reduction;
  }

  public Tensor forward(Tensor input, Tensor target, Tensor variance) {
    return F.gaussianNllLoss(input, target, variance, full, eps, reduction);
  }
}
