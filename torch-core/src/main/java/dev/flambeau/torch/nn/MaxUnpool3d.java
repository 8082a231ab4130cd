package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.function.Consumer;

/**
 * Puts the maxima of (N, C, D, H, W) back to their places among zeros. PyTorch: {@code
 * torch.nn.MaxUnpool3d}.
 */
public class MaxUnpool3d extends MaxUnpool {
  public MaxUnpool3d(long kernel) {
    this(kernel, _ -> {});
  }

  /** With the stride and padding of the pooling. */
  public MaxUnpool3d(long kernel, Consumer<PoolOptions> options) {
    this(Kernels.spread(kernel, 3), options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public MaxUnpool3d(long[] kernel, Consumer<PoolOptions> options) {
    super(kernel, 3, options);
  }
}
