package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The sum of windows at their places, the reverse of {@link Unfold}: (N, C kh kw, windows) to (N,
 * C, H, W). PyTorch: {@code torch.nn.Fold}.
 */
public class Fold extends Module {
  private final long[] size;
  private final long[] kernel;
  private final WindowOptions options;

  public Fold(long[] size, long[] kernel) {
    this(size, kernel, _ -> {});
  }

  /**
   * The same.
   *
   * @param size of the output, two numbers or one
   * @param kernel its size along each axis, two numbers or one
   */
  public Fold(long[] size, long[] kernel, Consumer<WindowOptions> options) {
    this.size = Kernels.spread("Fold", "output_size", size, 2);
    this.kernel = Kernels.spread("Fold", "kernel_size", kernel, 2);
    this.options = WindowOptions.of(options);
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.fold(input, size, kernel, options.dilation, options.padding, options.stride);
  }

  @Override
  protected String describe() {
    return "output_size="
        + Kernels.text(Arrays.stream(size).boxed().toList())
        + ", kernel_size="
        + Kernels.text(Arrays.stream(kernel).boxed().toList())
        + options;
  }
}
