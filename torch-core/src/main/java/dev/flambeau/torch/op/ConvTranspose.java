package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;

/**
 * The gradient of {@link Conv} by its input, which is transposed convolution: y (N, K, ...), weight
 * (K, C / groups, ...) -> {@code output}, the shape (N, C, ...) of the convolution's input.
 * PyTorch: {@code torch.nn.functional.conv_transpose2d} and its neighbours, without bias.
 */
public record ConvTranspose(Window window, long groups, Shape output) implements Structured {
  /**
   * With the output's size from PyTorch's {@code output_padding}.
   *
   * @param weight (C, K / groups, ...): channels of the input first
   */
  public static ConvTranspose of(
      Window window, long groups, long[] outputPadding, Shape input, Shape weight) {
    String name = "conv_transpose" + window.axes() + "d";
    if (input.rank() != window.axes() + 2 || weight.rank() != window.axes() + 2) {
      throw TorchException.shape(
          name, "input", input + ", weight " + weight, window.axes() + 2 + " dimensions each");
    }
    long[] sizes = input.sizes();
    sizes[1] = weight.size(1) * groups;
    for (int i = 0; i < window.axes(); i++) {
      long extra = outputPadding[outputPadding.length == 1 ? 0 : i];
      if (extra < 0 || extra >= Math.max(window.stride().get(i), window.dilation().get(i))) {
        throw TorchException.argument(
            name, "output_padding", extra, "0 or more, less than the stride or the dilation");
      }
      sizes[i + 2] =
          (input.size(i + 2) - 1) * window.stride().get(i)
              + window.reach(i, weight.size(i + 2))
              - window.padding().get(i)
              - window.paddingEnd().get(i)
              + extra;
      if (sizes[i + 2] < 1) {
        throw TorchException.shape(name, "output", sizes[i + 2], "a positive size");
      }
    }
    return new ConvTranspose(window, groups, Shape.of(sizes));
  }

  @Override
  public String name() {
    return "conv_transpose" + window.axes() + "d";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta y = inputs[0];
    Meta weight = inputs[1];
    Conv.checkTypes(name(), inputs);
    Conv.checkRank(name(), "input", y, window);
    Conv.checkRank(name(), "weight", weight, window);
    Conv.checkGroups(name(), groups, weight.size(0));
    boolean fits =
        y.size(1) == weight.size(0)
            && output.size(1) == weight.size(1) * groups
            && output.size(0) == y.size(0);
    for (int i = 0; fits && i < window.axes(); i++) {
      fits = window.positions(i, output.size(i + 2), weight.size(i + 2)) == y.size(i + 2);
    }
    if (!fits) {
      throw TorchException.shape(
          name(),
          "input",
          y.shape(),
          "the shape of a convolution of " + output + " with weight " + weight.shape());
    }
    return new Meta[] {Conv.activation(y, output.sizes())};
  }

  @Override
  public Saves saves() {
    return Saves.inputs(0, 1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor g = gradients[0];
    return new Tensor[] {
      saved.needs(0) ? Dispatcher.call(new Conv(window, groups), g, saved.input(1)) : null,
      saved.needs(1)
          ? Dispatcher.call(
              new ConvWeight(window, groups, saved.inputMeta(1).shape()), g, saved.input(0))
          : null
    };
  }
}
