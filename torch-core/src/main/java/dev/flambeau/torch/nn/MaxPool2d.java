package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.function.Consumer;

/** The largest of each window of (N, C, H, W). PyTorch: {@code torch.nn.MaxPool2d}. */
public class MaxPool2d extends MaxPool {
  public MaxPool2d(long kernel) {
    this(kernel, _ -> {});
  }

  public MaxPool2d(long kernel, Consumer<PoolOptions> options) {
    this(new long[] {kernel, kernel}, options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public MaxPool2d(long[] kernel, Consumer<PoolOptions> options) {
    super(kernel, 2, options);
  }
}
