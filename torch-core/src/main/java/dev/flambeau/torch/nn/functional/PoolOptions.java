package dev.flambeau.torch.nn.functional;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Options of pooling; one number counts for every spatial axis. The stride is the kernel's size, no
 * padding, dilation 1, incomplete windows left out. Averages count the padding as zeros.
 */
public final class PoolOptions {
  long[] stride = {};
  long[] padding = {0};
  long[] dilation = {1};
  boolean ceil;
  boolean countPadding = true;
  long divisor;

  private PoolOptions() {}

  /** The options {@code set} chooses. */
  public static PoolOptions of(Consumer<PoolOptions> set) {
    PoolOptions options = new PoolOptions();
    set.accept(options);
    return options;
  }

  public PoolOptions stride(long... values) {
    stride = values.clone();
    return this;
  }

  /** On both sides, at most half of the kernel's size. */
  public PoolOptions padding(long... values) {
    padding = values.clone();
    return this;
  }

  /** Distance of the kernel's elements; maxima only. */
  public PoolOptions dilation(long... values) {
    dilation = values.clone();
    return this;
  }

  /** Keeps a last incomplete window. */
  public PoolOptions ceilMode(boolean on) {
    ceil = on;
    return this;
  }

  /** Whether averages count the padding; averages only. */
  public PoolOptions countIncludePad(boolean on) {
    countPadding = on;
    return this;
  }

  /** Divides by this instead of the number of elements; averages only. */
  public PoolOptions divisor(long value) {
    divisor = value;
    return this;
  }

  /** The attributes of maximum pooling as PyTorch prints them. */
  public String describeMax(long... kernel) {
    return describeAvg(kernel)
        + ", dilation="
        + text(dilation)
        + ", ceil_mode="
        + (ceil ? "True" : "False");
  }

  /** The attributes of average pooling as PyTorch prints them. */
  public String describeAvg(long... kernel) {
    return "kernel_size="
        + text(kernel)
        + ", stride="
        + text(stride.length == 0 ? kernel : stride)
        + ", padding="
        + text(padding);
  }

  private static String text(long[] sizes) {
    return Arrays.stream(sizes).distinct().count() == 1
        ? String.valueOf(sizes[0])
        : Arrays.toString(sizes).replace('[', '(').replace(']', ')');
  }
}
