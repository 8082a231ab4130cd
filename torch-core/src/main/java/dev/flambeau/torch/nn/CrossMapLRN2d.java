package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;

/**
 * {@link LocalResponseNorm} of (N, C, H, W) as Torch 7 had it: from the channel on where the first
 * one leaves the neighbourhood, that one still counts. PyTorch: {@code torch.nn.CrossMapLRN2d}.
 */
public class CrossMapLRN2d extends Module {
  private final long size;
  private final double alpha;
  private final double beta;
  private final double k;

  /** Alpha 1e-4, beta 0.75, k 1. */
  public CrossMapLRN2d(long size) {
    this(size, 1e-4, 0.75, 1);
  }

  /**
   * The same.
   *
   * @param size the number of neighbouring channels
   */
  public CrossMapLRN2d(long size, double alpha, double beta, double k) {
    this.size = size;
    this.alpha = alpha;
    this.beta = beta;
    this.k = k;
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.crossMapLrn2d(input, size, alpha, beta, k);
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
