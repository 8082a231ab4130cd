package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.ConvOptions;
import java.util.function.Consumer;

/** Transposed convolution of (N, C, H, W). PyTorch: {@code torch.nn.ConvTranspose2d}. */
public class ConvTranspose2d extends ConvolutionTranspose {
  public ConvTranspose2d(long in, long out, long kernel) {
    this(in, out, kernel, _ -> {});
  }

  public ConvTranspose2d(long in, long out, long kernel, Consumer<ConvOptions> options) {
    this(in, out, Kernels.spread(kernel, 2), options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public ConvTranspose2d(long in, long out, long[] kernel, Consumer<ConvOptions> options) {
    super(in, out, Kernels.checked("ConvTranspose2d", kernel, 2), options);
  }
}
