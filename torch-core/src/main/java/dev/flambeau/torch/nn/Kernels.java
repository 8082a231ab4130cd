package dev.flambeau.torch.nn;

import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.Window;
import java.math.BigDecimal;
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
    return sizes.stream().distinct().count() == 1 ? sizes.get(0).toString() : tuple(sizes);
  }

  /** As Python prints a bool. */
  static String text(boolean value) {
    return value ? "True" : "False";
  }

  /** The same size along each axis. */
  static long[] spread(long size, int axes) {
    long[] sizes = new long[axes];
    Arrays.fill(sizes, size);
    return sizes;
  }

  /** As many numbers as asked for, from as many or from one. */
  static long[] spread(String module, String argument, long[] values, int count) {
    if (values.length != 1 && values.length != count) {
      throw TorchException.argument(
          module, argument, Arrays.toString(values), "1 or " + count + " numbers");
    }
    return values.length == 1 ? spread(values[0], count) : values.clone();
  }

  /** As Python prints a tuple. */
  static String tuple(List<Long> values) {
    String list = values.toString();
    String inner = list.substring(1, list.length() - 1);
    return values.size() == 1 ? "(" + inner + ",)" : "(" + inner + ")";
  }

  /** As Python prints a real number. */
  static String text(double value) {
    String java = String.valueOf(value);
    int e = java.indexOf('E');
    if (e < 0) {
      return java;
    }
    double size = Math.abs(value);
    if (size >= 1e-4 && size < 1e16) {
      BigDecimal exact = new BigDecimal(java).stripTrailingZeros();
      return exact.toPlainString() + (exact.scale() > 0 ? "" : ".0");
    }
    String digits = java.substring(0, e).replaceFirst("\\.0$", "");
    int power = Integer.parseInt(java.substring(e + 1));
    return digits
        + "e"
        + (power < 0 ? "-" : "+")
        + (Math.abs(power) < 10 ? "0" : "")
        + Math.abs(power);
  }
}
