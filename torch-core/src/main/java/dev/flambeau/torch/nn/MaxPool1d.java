package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.function.Consumer;

/** The largest of each window of (N, C, L). PyTorch: {@code torch.nn.MaxPool1d}. */
public class MaxPool1d extends MaxPool {
  public MaxPool1d(long kernel) {
    this(kernel, _ -> {});
  }

  public MaxPool1d(long kernel, Consumer<PoolOptions> options) {
    this(new long[] {kernel}, options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public MaxPool1d(long[] kernel, Consumer<PoolOptions> options) {
    super(kernel, 1, options);
  }
}
