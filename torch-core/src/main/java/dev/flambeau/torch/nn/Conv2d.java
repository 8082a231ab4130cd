package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.ConvOptions;
import java.util.function.Consumer;

/** Convolution of (N, C, H, W) to (N, K, H', W'). PyTorch: {@code torch.nn.Conv2d}. */
public class Conv2d extends Convolution {
  public Conv2d(long in, long out, long kernel) {
    this(in, out, kernel, _ -> {});
  }

  public Conv2d(long in, long out, long kernel, Consumer<ConvOptions> options) {
    this(in, out, new long[] {kernel, kernel}, options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each of the 2 spatial axes
   */
  public Conv2d(long in, long out, long[] kernel, Consumer<ConvOptions> options) {
    super(in, out, Kernels.checked("Conv2d", kernel, 2), options);
  }
}
