package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.functional.ConvOptions;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.init.Init;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Transposed convolution over one to three axes, the gradient of a convolution as a layer. Weight
 * (in, out / groups, kernel...) and bias (out) start uniform in +-1/sqrt(out / groups * kernel).
 */
public abstract class ConvolutionTranspose extends Module {
  public final Tensor weight;
  public final Optional<Tensor> bias;
  private final ConvOptions options;
  private final long[] outputPadding;
  private final int axes;

  ConvolutionTranspose(long in, long out, long[] kernel, Consumer<ConvOptions> options) {
    this.options = ConvOptions.of(options);
    this.axes = kernel.length;
    long groups = this.options.operator(kernel).groups();
    String name = getClass().getSimpleName();
    boolean lazy = this instanceof LazyModule;
    Convolution.check(name, lazy ? groups : in, out, groups);
    this.outputPadding = Kernels.spread(name, "output_padding", this.options.outputPadding(), axes);
    if (this.options.isSame()) {
      throw TorchException.argument(name, "padding", "same", "numbers");
    }
    this.weight =
        parameter(
            lazy
                ? Convolution.empty(0, out / groups, kernel)
                : Convolution.weight(in, out / groups, kernel));
    this.bias =
        this.options.hasBias()
            ? Optional.of(parameter(Convolution.bias(lazy, weight, out)))
            : Optional.empty();
  }

  void initialize(long in) {
    long groups = options.operator(kernel()).groups();
    Convolution.check(getClass().getSimpleName(), in, weight.size(1) * groups, groups);
    Tensor w = Init.kaimingUniform_(Lazy.resized(weight, 0, in), Math.sqrt(5));
    weight.setData(w);
    bias.ifPresent(b -> b.setData(Init.fanInUniform(w, b.numel())));
  }

  boolean hasChannels() {
    return weight.size(0) > 0;
  }

  OptionalLong channelsOf(Map<String, Tensor> state) {
    return Lazy.size(state, "weight", 0, 1);
  }

  @Override
  public Tensor forward(Tensor input) {
    Lazy.prepare(this, input, -1 - axes);
    return F.convTranspose(input, weight, bias, outputPadding, options);
  }

  /**
   * With the output padding that leads to this size.
   *
   * @param outputSize of the output, or its spatial part
   */
  public Tensor forward(Tensor input, long... outputSize) {
    Lazy.prepare(this, input, -1 - axes);
    int from = outputSize.length - axes;
    long[] extra = new long[axes];
    var window = options.operator(kernel()).window();
    for (int i = 0; i < axes; i++) {
      long stride = window.stride().get(i);
      long size = input.size(input.dim() - axes + i);
      long least =
          (size - 1) * stride
              - 2 * window.padding().get(i)
              + window.dilation().get(i) * (weight.size(2 + i) - 1)
              + 1;
      extra[i] = from < 0 ? -1 : outputSize[from + i] - least;
      if (extra[i] < 0 || extra[i] >= stride) {
        throw TorchException.argument(
            getClass().getSimpleName(),
            "output_size",
            Arrays.toString(outputSize),
            "sizes of " + least + " to " + (least + stride - 1) + " for spatial axis " + i);
      }
    }
    return F.convTranspose(input, weight, bias, extra, options);
  }

  private long[] kernel() {
    return Arrays.copyOfRange(weight.shape().sizes(), 2, axes + 2);
  }

  @Override
  protected String describe() {
    var op = options.operator(kernel());
    String extra =
        Arrays.stream(outputPadding).anyMatch(n -> n != 0)
            ? ", output_padding=" + Kernels.tuple(Arrays.stream(outputPadding).boxed().toList())
            : "";
    return Convolution.describe(
        weight.size(0), weight.size(1) * op.groups(), kernel(), op, false, extra, bias.isPresent());
  }
}
