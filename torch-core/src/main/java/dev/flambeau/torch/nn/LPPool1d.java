package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.function.Consumer;

/**
 * The p-norm of each window of (N, C, L); of the options, stride and ceiling count. PyTorch: {@code
 * torch.nn.LPPool1d}.
 */
public class LPPool1d extends LPPool {
  public LPPool1d(double p, long kernel) {
    this(p, kernel, _ -> {});
  }

  public LPPool1d(double p, long kernel, Consumer<PoolOptions> options) {
    this(p, Kernels.spread(kernel, 1), options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public LPPool1d(double p, long[] kernel, Consumer<PoolOptions> options) {
    super(p, kernel, 1, options);
  }
}
