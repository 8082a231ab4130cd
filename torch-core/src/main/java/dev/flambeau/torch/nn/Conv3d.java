package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.ConvOptions;
import java.util.function.Consumer;

/** Convolution of (N, C, D, H, W) to (N, K, D', H', W'). PyTorch: {@code torch.nn.Conv3d}. */
public class Conv3d extends Convolution {
  public Conv3d(long in, long out, long kernel) {
    this(in, out, kernel, _ -> {});
  }

  public Conv3d(long in, long out, long kernel, Consumer<ConvOptions> options) {
    this(in, out, new long[] {kernel, kernel, kernel}, options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each of the 3 spatial axes
   */
  public Conv3d(long in, long out, long[] kernel, Consumer<ConvOptions> options) {
    super(in, out, Kernels.checked("Conv3d", kernel, 3), options);
  }
}
