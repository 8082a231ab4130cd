package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.Conv;
import dev.flambeau.torch.op.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Options of convolutions; one number counts for every spatial axis. Stride 1, padding 0, dilation
 * 1, one group, with bias.
 */
public final class ConvOptions {
  private long[] stride = {1};
  private long[] padding = {0};
  private long[] dilation = {1};
  private boolean same;
  private long groups = 1;
  private boolean bias = true;
  private Padding mode = Padding.CONSTANT;
  private long[] outputPadding = {0};

  private ConvOptions() {}

  /** The options {@code set} chooses. */
  public static ConvOptions of(Consumer<ConvOptions> set) {
    ConvOptions options = new ConvOptions();
    set.accept(options);
    return options;
  }

  public ConvOptions stride(long... values) {
    stride = values.clone();
    return this;
  }

  /** Zeros on both sides. */
  public ConvOptions padding(long... values) {
    padding = values.clone();
    same = false;
    return this;
  }

  /** As many zeros as keep the size; the odd one comes last. Only with stride 1. */
  public ConvOptions samePadding() {
    same = true;
    return this;
  }

  public ConvOptions dilation(long... values) {
    dilation = values.clone();
    return this;
  }

  /** Channels in and out are split into so many convolutions. */
  public ConvOptions groups(long value) {
    groups = value;
    return this;
  }

  /** What a module puts around the data instead of zeros; functions have zeros. */
  public ConvOptions paddingMode(Padding value) {
    mode = value;
    return this;
  }

  public Padding paddingMode() {
    return mode;
  }

  /** Added to the output's sizes, at the end; transposed convolutions only. */
  public ConvOptions outputPadding(long... values) {
    outputPadding = values.clone();
    return this;
  }

  public long[] outputPadding() {
    return outputPadding.clone();
  }

  /** Whether {@link #samePadding} was chosen. */
  public boolean isSame() {
    return same;
  }

  /** Whether a module has a bias; functions are given one or not. */
  public ConvOptions bias(boolean on) {
    bias = on;
    return this;
  }

  public boolean hasBias() {
    return bias;
  }

  /** Stride, padding and dilation over so many axes. */
  Window window(int axes) {
    return Window.of(axes, stride, padding, dilation);
  }

  long groups() {
    return groups;
  }

  /** The operator for a kernel of these sizes. */
  public Conv operator(long... kernel) {
    int axes = kernel.length;
    Window window = Window.of(axes, stride, padding, dilation);
    if (!same) {
      return new Conv(window, groups);
    }
    List<Long> before = new ArrayList<>();
    List<Long> after = new ArrayList<>();
    for (int i = 0; i < axes; i++) {
      if (window.stride().get(i) != 1) {
        throw TorchException.argument(
            "conv" + axes + "d", "stride", Arrays.toString(stride), "1 with padding 'same'");
      }
      long total = window.dilation().get(i) * (kernel[i] - 1);
      before.add(total / 2);
      after.add(total - total / 2);
    }
    return new Conv(new Window(window.stride(), before, after, window.dilation()), groups);
  }
}
