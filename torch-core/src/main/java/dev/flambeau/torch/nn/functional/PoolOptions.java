package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.AvgPool;
import dev.flambeau.torch.op.MaxPool;
import dev.flambeau.torch.op.Window;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Options of pooling; one number counts for every spatial axis. The stride is the kernel's size, no
 * padding, dilation 1, incomplete windows left out. Averages count the padding as zeros.
 */
public final class PoolOptions {
  private long[] stride = {};
  private long[] padding = {0};
  private long[] dilation = {1};
  private boolean ceil;
  private boolean countPadding = true;
  private long divisor;

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
    if (value == 0) {
      throw TorchException.argument("avg_pool", "divisor_override", 0, "any number but 0");
    }
    divisor = value;
    return this;
  }

  /** Maximum pooling with a kernel of these sizes. */
  public MaxPool maxOperator(long... kernel) {
    return new MaxPool(list(kernel), window(kernel), ceil);
  }

  /** Average pooling with a kernel of these sizes. */
  public AvgPool avgOperator(long... kernel) {
    return new AvgPool(list(kernel), window(kernel), ceil, countPadding, divisor);
  }

  private Window window(long[] kernel) {
    return Window.of(kernel.length, stride.length == 0 ? kernel : stride, padding, dilation);
  }

  private static List<Long> list(long[] values) {
    return Arrays.stream(values).boxed().toList();
  }
}
