package dev.flambeau.torch.nn;

import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.Window;
import java.util.Arrays;
import java.util.List;

/** Checks and prints kernel sizes. */
final class Kernels {
  private Kernels() {}

  /** A copy of the sizes, one positive number an axis. */
  static long[] checked(String module, long[] kernel, int axes) {
    if (kernel.length != axes || Arrays.stream(kernel).anyMatch(k -> k < 1)) {
      throw TorchException.argument(
          module, "kernel_size", Arrays.toString(kernel), axes + " positive numbers");
    }
    return kernel.clone();
  }

  /** A pooling's attributes as PyTorch prints them. */
  static String describe(List<Long> kernel, Window window) {
    return "kernel_size="
        + text(kernel)
        + ", stride="
        + text(window.stride())
        + ", padding="
        + text(window.padding());
  }

  /** One number where all are equal, else a tuple. */
  static String text(List<Long> sizes) {
    return sizes.stream().distinct().count() == 1
        ? sizes.get(0).toString()
        : Convolution.tuple(sizes);
  }

  /** As Python prints a bool. */
  static String text(boolean value) {
    return value ? "True" : "False";
  }
}
