package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.function.Consumer;

/** The mean of each window of (N, C, H, W). PyTorch: {@code torch.nn.AvgPool2d}. */
public class AvgPool2d extends AvgPool {
  public AvgPool2d(long kernel) {
    this(kernel, _ -> {});
  }

  public AvgPool2d(long kernel, Consumer<PoolOptions> options) {
    this(Kernels.spread(kernel, 2), options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public AvgPool2d(long[] kernel, Consumer<PoolOptions> options) {
    super(kernel, 2, options);
  }
}
