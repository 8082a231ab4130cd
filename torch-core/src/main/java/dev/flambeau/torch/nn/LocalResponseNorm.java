package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;

/**
 * x / (k + alpha m)^beta with m the mean of the squares of neighbouring channels (Krizhevsky et al.
 * 2012). PyTorch: {@code torch.nn.LocalResponseNorm}.
 */
public class LocalResponseNorm extends Module {
  private final long size;
  private final double alpha;
  private final double beta;
  private final double k;

  /** Alpha 1e-4, beta 0.75, k 1. */
  public LocalResponseNorm(long size) {
    this(size, 1e-4, 0.75, 1);
  }

  /**
   * The same.
   *
   * @param size the number of neighbouring channels
   */
  public LocalResponseNorm(long size, double alpha, double beta, double k) {
    this.size = size;
    this.alpha = alpha;
    this.beta = beta;
    this.k = k;
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.localResponseNorm(input, size, alpha, beta, k);
  }

  @Override
  protected String describe() {
    return size
        + ", alpha="
        + Kernels.text(alpha)
        + ", beta="
        + Kernels.text(beta)
        + ", k="
        + Kernels.text(k);
  }
}
