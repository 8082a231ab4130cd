package dev.flambeau.torch.nn;

import dev.flambeau.torch.TorchException;
import java.util.Arrays;

/** Checks kernel sizes. */
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
}
