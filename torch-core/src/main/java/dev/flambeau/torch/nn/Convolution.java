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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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
  private final long[] pads;

  Convolution(long in, long out, long[] kernel, Consumer<ConvOptions> options) {
    ConvOptions o = ConvOptions.of(options);
    op = o.operator(kernel);
    mode = o.paddingMode();
    pads = pads(op.window());
    long groups = op.groups();
    if (in < 1 || out < 1 || groups < 1 || in % groups != 0 || out % groups != 0) {
      throw TorchException.argument(
          op.name(),
          "in_channels, out_channels, groups",
          in + ", " + out + ", " + groups,
          "positive numbers, channels divisible by groups");
    }
    long[] sizes = new long[kernel.length + 2];
    sizes[0] = out;
    sizes[1] = in / groups;
    System.arraycopy(kernel, 0, sizes, 2, kernel.length);
    Tensor w = Torch.empty(sizes);
    Init.kaimingUniform_(w, Math.sqrt(5));
    weight = parameter(w);
    bias = o.hasBias() ? Optional.of(parameter(Init.fanInUniform(w, out))) : Optional.empty();
  }

  /** What is computed, with its attributes. */
  public Conv operator() {
    return op;
  }

  @Override
  public Tensor forward(Tensor input) {
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
    List<Long> kernel = Arrays.stream(weight.shape().sizes()).skip(2).boxed().toList();
    StringBuilder text = new StringBuilder();
    text.append(weight.size(1) * op.groups()).append(", ").append(weight.size(0));
    text.append(", kernel_size=").append(tuple(kernel));
    text.append(", stride=").append(tuple(op.window().stride()));
    if (!op.window().padding().equals(op.window().paddingEnd())) {
      text.append(", padding=same");
    } else if (op.window().padding().stream().anyMatch(n -> n != 0)) {
      text.append(", padding=").append(tuple(op.window().padding()));
    }
    if (op.window().dilation().stream().anyMatch(n -> n != 1)) {
      text.append(", dilation=").append(tuple(op.window().dilation()));
    }
    if (op.groups() != 1) {
      text.append(", groups=").append(op.groups());
    }
    text.append(bias.isPresent() ? "" : ", bias=False");
    if (mode != Padding.CONSTANT) {
      text.append(", padding_mode=").append(mode.name().toLowerCase(Locale.ROOT));
    }
    return text.toString();
  }

  /** As Python prints a tuple. */
  static String tuple(List<Long> values) {
    String list = values.toString();
    String inner = list.substring(1, list.length() - 1);
    return values.size() == 1 ? "(" + inner + ",)" : "(" + inner + ")";
  }
}
