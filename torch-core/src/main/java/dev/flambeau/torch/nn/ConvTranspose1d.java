package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.ConvOptions;
import java.util.function.Consumer;

/** Transposed convolution of (N, C, L). PyTorch: {@code torch.nn.ConvTranspose1d}. */
public class ConvTranspose1d extends ConvolutionTranspose {
  public ConvTranspose1d(long in, long out, long kernel) {
    this(in, out, kernel, _ -> {});
  }

  public ConvTranspose1d(long in, long out, long kernel, Consumer<ConvOptions> options) {
    this(in, out, Kernels.spread(kernel, 1), options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public ConvTranspose1d(long in, long out, long[] kernel, Consumer<ConvOptions> options) {
    super(in, out, Kernels.checked("ConvTranspose1d", kernel, 1), options);
  }
}
