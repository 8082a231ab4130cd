package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.functional.ConvOptions;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.Padding;
import dev.flambeau.torch.nn.init.Init;
import dev.flambeau.torch.op.Conv;
import dev.flambeau.torch.op.Window;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Convolution over one to three axes. Weight (out, in / groups, kernel...) and bias (out) start
 * uniform in +-1/sqrt(fan in).
 */
public abstract class Convolution extends Module {
  public final Tensor weight;
  public final Optional<Tensor> bias;
  private final Conv op;
  private final Padding mode;
  private final boolean same;
  private final long[] pads;

  Convolution(long in, long out, long[] kernel, Consumer<ConvOptions> options) {
    ConvOptions o = ConvOptions.of(options);
    op = o.operator(kernel);
    mode = o.paddingMode();
    same = o.isSame();
    pads = pads(op.window());
    boolean lazy = this instanceof LazyModule;
    check(op.name(), lazy ? op.groups() : in, out, op.groups());
    Tensor w = lazy ? empty(out, 0, kernel) : weight(out, in / op.groups(), kernel);
    weight = parameter(w);
    bias = o.hasBias() ? Optional.of(parameter(bias(lazy, w, out))) : Optional.empty();
  }

  /** Random numbers are drawn only where the fan in is known. */
  static Tensor bias(boolean lazy, Tensor weight, long size) {
    return lazy ? Torch.empty(size) : Init.fanInUniform(weight, size);
  }

  void initialize(long in) {
    check(op.name(), in, weight.size(0), op.groups());
    Tensor w = Init.kaimingUniform_(Lazy.resized(weight, 1, in / op.groups()), Math.sqrt(5));
    weight.setData(w);
    bias.ifPresent(b -> b.setData(Init.fanInUniform(w, b.numel())));
  }

  boolean hasChannels() {
    return weight.size(1) > 0;
  }

  OptionalLong channelsOf(Map<String, Tensor> state) {
    return Lazy.size(state, "weight", 1, op.groups());
  }

  static void check(String name, long in, long out, long groups) {
    if (in < 1 || out < 1 || groups < 1 || in % groups != 0 || out % groups != 0) {
      throw TorchException.argument(
          name,
          "in_channels, out_channels, groups",
          in + ", " + out + ", " + groups,
          "positive numbers, channels divisible by groups");
    }
  }

  /** A new weight (first, second, kernel...). */
  static Tensor weight(long first, long second, long[] kernel) {
    return Init.kaimingUniform_(empty(first, second, kernel), Math.sqrt(5));
  }

  static Tensor empty(long first, long second, long[] kernel) {
    long[] sizes = new long[kernel.length + 2];
    sizes[0] = first;
    sizes[1] = second;
    System.arraycopy(kernel, 0, sizes, 2, kernel.length);
    return Torch.empty(sizes);
  }

  /** What is computed, with its attributes. */
  public Conv operator() {
    return op;
  }

  @Override
  public Tensor forward(Tensor input) {
    Lazy.prepare(this, input, -1 - op.window().axes());
    if (mode == Padding.CONSTANT) {
      return F.convolution(input, weight, bias, op);
    }
    Conv within = new Conv(op.window().withoutPadding(), op.groups());
    return F.convolution(F.pad(input, mode, 0, pads), weight, bias, within);
  }

  /** As {@link F#pad} takes them: the last axis first. */
  private static long[] pads(Window window) {
    int axes = window.axes();
    long[] pads = new long[2 * axes];
    for (int i = 0; i < axes; i++) {
      pads[2 * i] = window.padding().get(axes - 1 - i);
      pads[2 * i + 1] = window.paddingEnd().get(axes - 1 - i);
    }
    return pads;
  }

  @Override
  protected String describe() {
    long[] kernel = Arrays.copyOfRange(weight.shape().sizes(), 2, weight.dim());
    String text =
        describe(
            weight.size(1) * op.groups(), weight.size(0), kernel, op, same, "", bias.isPresent());
    return mode == Padding.CONSTANT
        ? text
        : text + ", padding_mode=" + mode.name().toLowerCase(Locale.ROOT);
  }

  /** {@code more} comes after what describes the window. */
  static String describe(
      long in, long out, long[] kernel, Conv op, boolean same, String more, boolean bias) {
    Window window = op.window();
    StringBuilder text = new StringBuilder(in + ", " + out + ", kernel_size=");
    text.append(Kernels.tuple(Arrays.stream(kernel).boxed().toList()));
    text.append(", stride=").append(Kernels.tuple(window.stride()));
    if (same) {
      text.append(", padding=same");
    } else if (window.padding().stream().anyMatch(n -> n != 0)) {
      text.append(", padding=").append(Kernels.tuple(window.padding()));
    }
    if (window.dilation().stream().anyMatch(n -> n != 1)) {
      text.append(", dilation=").append(Kernels.tuple(window.dilation()));
    }
    text.append(more);
    if (op.groups() != 1) {
      text.append(", groups=").append(op.groups());
    }
    return text.append(bias ? "" : ", bias=False").toString();
  }
}
