package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.function.Consumer;

/**
 * The p-norm of each window of (N, C, H, W); of the options, stride and ceiling count. PyTorch:
 * {@code torch.nn.LPPool2d}.
 */
public class LPPool2d extends LPPool {
  public LPPool2d(double p, long kernel) {
    this(p, kernel, _ -> {});
  }

  public LPPool2d(double p, long kernel, Consumer<PoolOptions> options) {
    this(p, Kernels.spread(kernel, 2), options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public LPPool2d(double p, long[] kernel, Consumer<PoolOptions> options) {
    super(p, kernel, 2, options);
  }
}
