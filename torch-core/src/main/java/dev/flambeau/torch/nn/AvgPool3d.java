package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.function.Consumer;

/** The mean of each window of (N, C, D, H, W). PyTorch: {@code torch.nn.AvgPool3d}. */
public class AvgPool3d extends AvgPool {
  public AvgPool3d(long kernel) {
    this(kernel, _ -> {});
  }

  public AvgPool3d(long kernel, Consumer<PoolOptions> options) {
    this(Kernels.spread(kernel, 3), options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public AvgPool3d(long[] kernel, Consumer<PoolOptions> options) {
    super(kernel, 3, options);
  }
}
