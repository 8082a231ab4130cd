package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.function.Consumer;

/**
 * Puts the maxima of (N, C, L) back to their places among zeros. PyTorch: {@code
 * torch.nn.MaxUnpool1d}.
 */
public class MaxUnpool1d extends MaxUnpool {
  public MaxUnpool1d(long kernel) {
    this(kernel, _ -> {});
  }

  /** With the stride and padding of the pooling. */
  public MaxUnpool1d(long kernel, Consumer<PoolOptions> options) {
    this(Kernels.spread(kernel, 1), options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public MaxUnpool1d(long[] kernel, Consumer<PoolOptions> options) {
    super(kernel, 1, options);
  }
}
