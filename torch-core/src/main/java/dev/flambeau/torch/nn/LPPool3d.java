package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.function.Consumer;

/**
 * The p-norm of each window of (N, C, D, H, W); of the options, stride and ceiling count. PyTorch:
 * {@code torch.nn.LPPool3d}.
 */
public class LPPool3d extends LPPool {
  public LPPool3d(double p, long kernel) {
    this(p, kernel, _ -> {});
  }

  public LPPool3d(double p, long kernel, Consumer<PoolOptions> options) {
    this(p, Kernels.spread(kernel, 3), options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public LPPool3d(double p, long[] kernel, Consumer<PoolOptions> options) {
    super(p, kernel, 3, options);
  }
}
