package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.function.Consumer;

/** The largest of each window of (N, C, D, H, W). PyTorch: {@code torch.nn.MaxPool3d}. */
public class MaxPool3d extends MaxPool {
  public MaxPool3d(long kernel) {
    this(kernel, _ -> {});
  }

  public MaxPool3d(long kernel, Consumer<PoolOptions> options) {
    this(new long[] {kernel, kernel, kernel}, options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public MaxPool3d(long[] kernel, Consumer<PoolOptions> options) {
    super(kernel, 3, options);
  }
}
