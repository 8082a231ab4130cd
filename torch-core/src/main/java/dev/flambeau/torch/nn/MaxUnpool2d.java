package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.function.Consumer;

/**
 * Puts the maxima of (N, C, H, W) back to their places among zeros. PyTorch: {@code
 * torch.nn.MaxUnpool2d}.
 */
public class MaxUnpool2d extends MaxUnpool {
  public MaxUnpool2d(long kernel) {
    this(kernel, _ -> {});
  }

  /** With the stride and padding of the pooling. */
  public MaxUnpool2d(long kernel, Consumer<PoolOptions> options) {
    this(Kernels.spread(kernel, 2), options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public MaxUnpool2d(long[] kernel, Consumer<PoolOptions> options) {
    super(kernel, 2, options);
  }
}
