package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.function.Consumer;

/** The mean of each window of (N, C, L). PyTorch: {@code torch.nn.AvgPool1d}. */
public class AvgPool1d extends AvgPool {
  public AvgPool1d(long kernel) {
    this(kernel, _ -> {});
  }

  public AvgPool1d(long kernel, Consumer<PoolOptions> options) {
    this(Kernels.spread(kernel, 1), options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public AvgPool1d(long[] kernel, Consumer<PoolOptions> options) {
    super(kernel, 1, options);
  }
}
