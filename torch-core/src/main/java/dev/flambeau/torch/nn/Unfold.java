package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The elements of all windows of (N, C, H, W) as columns: (N, C kh kw, windows). PyTorch: {@code
 * torch.nn.Unfold}.
 */
public class Unfold extends Module {
  private final long[] kernel;
  private final WindowOptions options;

  public Unfold(long... kernel) {
    this(kernel, _ -> {});
  }

  /**
   * The same.
   *
   * @param kernel its size along each axis, two numbers or one
   */
  public Unfold(long[] kernel, Consumer<WindowOptions> options) {
    this.kernel = Kernels.spread("Unfold", "kernel_size", kernel, 2);
    this.options = WindowOptions.of(options);
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.unfold(input, kernel, options.dilation, options.padding, options.stride);
  }

  @Override
  protected String describe() {
    return "kernel_size=" + Kernels.text(Arrays.stream(kernel).boxed().toList()) + options;
  }
}
