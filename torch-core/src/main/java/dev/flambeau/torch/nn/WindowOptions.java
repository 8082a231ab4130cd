package dev.flambeau.torch.nn;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * How windows slide over two axes; one number counts for both. Stride 1, no padding, dilation 1.
 */
public final class WindowOptions {
  long[] stride = {1};
  long[] padding = {0};
  long[] dilation = {1};

  private WindowOptions() {}

  static WindowOptions of(Consumer<WindowOptions> set) {
    WindowOptions options = new WindowOptions();
    set.accept(options);
    return options;
  }

  public WindowOptions stride(long... values) {
    stride = Kernels.spread("window", "stride", values, 2);
    return this;
  }

  /** Zeros on both sides. */
  public WindowOptions padding(long... values) {
    padding = Kernels.spread("window", "padding", values, 2);
    return this;
  }

  /** Distance of the elements of a window. */
  public WindowOptions dilation(long... values) {
    dilation = Kernels.spread("window", "dilation", values, 2);
    return this;
  }

  /** As it follows the kernel's size in a module's description. */
  @Override
  public String toString() {
    return ", dilation="
        + text(dilation)
        + ", padding="
        + text(padding)
        + ", stride="
        + text(stride);
  }

  private static String text(long[] values) {
    return Kernels.text(Arrays.stream(values).boxed().toList());
  }
}
