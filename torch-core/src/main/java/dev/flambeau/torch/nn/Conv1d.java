package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.ConvOptions;
import java.util.function.Consumer;

/** Convolution of (N, C, L) to (N, K, L'). PyTorch: {@code torch.nn.Conv1d}. */
public class Conv1d extends Convolution {
  public Conv1d(long in, long out, long kernel) {
    this(in, out, kernel, _ -> {});
  }

  public Conv1d(long in, long out, long kernel, Consumer<ConvOptions> options) {
    this(in, out, new long[] {kernel}, options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each of the 1 spatial axis
   */
  public Conv1d(long in, long out, long[] kernel, Consumer<ConvOptions> options) {
    super(in, out, Kernels.checked("Conv1d", kernel, 1), options);
  }
}
