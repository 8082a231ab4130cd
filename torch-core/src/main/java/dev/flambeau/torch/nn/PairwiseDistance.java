package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;

/**
 * The p-norm of the difference of vectors along the last axis. PyTorch: {@code
 * torch.nn.PairwiseDistance}.
 */
public class PairwiseDistance extends Module {
  private final double p;
  private final double eps;
  private final boolean keepdim;

  /** The 2-norm; 1e-6 is added to each difference. */
  public PairwiseDistance() {
    this(2, 1e-6, false);
  }

  /**
   * The same.
   *
   * @param keepdim whether the axis stays, with size 1
   */
  public PairwiseDistance(double p, double eps, boolean keepdim) {
    this.p = p;
    this.eps = eps;
    this.keepdim = keepdim;
  }

  public Tensor forward(Tensor first, Tensor second) {
    return F.pairwiseDistance(first, second, p, eps, keepdim);
  }
}
