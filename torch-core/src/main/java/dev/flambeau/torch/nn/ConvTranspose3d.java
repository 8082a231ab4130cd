package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.ConvOptions;
import java.util.function.Consumer;

/** Transposed convolution of (N, C, D, H, W). PyTorch: {@code torch.nn.ConvTranspose3d}. */
public class ConvTranspose3d extends ConvolutionTranspose {
  public ConvTranspose3d(long in, long out, long kernel) {
    this(in, out, kernel, _ -> {});
  }

  public ConvTranspose3d(long in, long out, long kernel, Consumer<ConvOptions> options) {
    this(in, out, Kernels.spread(kernel, 3), options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public ConvTranspose3d(long in, long out, long[] kernel, Consumer<ConvOptions> options) {
    super(in, out, Kernels.checked("ConvTranspose3d", kernel, 3), options);
  }
}
