package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;

/**
 * Convolution over 1 to 3 spatial axes: x (N, C, ...), weight (K, C / groups, ...), optionally bias
 * (K) -> (N, K, ...). 4-d results are stored channels-last. PyTorch: {@code
 * torch.nn.functional.conv1d}, {@code conv2d}, {@code conv3d}.
 */
public record Conv(Window window, long groups) implements Structured {
  @Override
  public String name() {
    return "conv" + window.axes() + "d";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta x = inputs[0];
    Meta weight = inputs[1];
    checkTypes(name(), inputs);
    checkRank(name(), "input", x, window);
    checkRank(name(), "weight", weight, window);
    checkGroups(name(), groups, weight.size(0));
    if (x.size(1) != weight.size(1) * groups) {
      throw TorchException.shape(
          name(),
          "input",
          x.shape(),
          weight.size(1) * groups
              + " channels for weight "
              + weight.shape()
              + " and groups "
              + groups);
    }
    if (inputs.length > 2 && !inputs[2].shape().equals(Shape.of(weight.size(0)))) {
      throw TorchException.shape(name(), "bias", inputs[2].shape(), "[" + weight.size(0) + "]");
    }
    long[] sizes = x.shape().sizes();
    sizes[1] = weight.size(0);
    for (int i = 0; i < window.axes(); i++) {
      sizes[i + 2] = window.positions(i, x.size(i + 2), weight.size(i + 2));
      if (sizes[i + 2] <= 0 || weight.size(i + 2) == 0) {
        throw TorchException.shape(
            name(),
            "weight",
            weight.shape(),
            "a kernel that is not empty and fits into the padded input of shape " + x.shape());
      }
    }
    return new Meta[] {activation(x, sizes)};
  }

  /** Channels-last where that is defined. */
  static Meta activation(Meta like, long[] sizes) {
    Shape shape = Shape.of(sizes);
    return new Meta(
        like.dtype(),
        like.device(),
        shape.rank() == 4 ? Layout.channelsLast(shape) : Layout.contiguous(shape));
  }

  static void checkTypes(String operator, Meta[] inputs) {
    DType type = inputs[0].dtype();
    if (!type.isFloat()) {
      throw TorchException.type(operator, "input", type, "a floating point type");
    }
    String[] names = {"input", "weight", "bias"};
    for (int i = 1; i < inputs.length; i++) {
      if (inputs[i].dtype() != type) {
        throw TorchException.type(
            operator, names[i], inputs[i].dtype(), "the type of the input, " + type);
      }
    }
  }

  static void checkRank(String operator, String argument, Meta meta, Window window) {
    if (window.axes() < 1 || window.axes() > 3 || meta.rank() != window.axes() + 2) {
      throw TorchException.shape(
          operator,
          argument,
          meta.shape(),
          "1 to 3 spatial axes after batch and channels, here " + window.axes());
    }
  }

  static void checkGroups(String operator, long groups, long channels) {
    if (groups < 1 || channels % groups != 0) {
      throw TorchException.argument(
          operator, "groups", groups, "a positive divisor of " + channels + " channels");
    }
  }

  @Override
  public Saves saves() {
    return Saves.inputs(0, 1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor g = gradients[0];
    Tensor[] out = new Tensor[saved.inputs()];
    if (saved.needs(0)) {
      out[0] =
          Dispatcher.call(
              new ConvTranspose(window, groups, saved.inputMeta(0).shape()), g, saved.input(1));
    }
    if (saved.needs(1)) {
      out[1] =
          Dispatcher.call(
              new ConvWeight(window, groups, saved.inputMeta(1).shape()), saved.input(0), g);
    }
    if (out.length > 2 && saved.needs(2)) {
      out[2] = sumOfChannels(g);
    }
    return out;
  }

  /** The gradient of something added to each channel. */
  static Tensor sumOfChannels(Tensor g) {
    int[] axes = new int[g.dim() - 1];
    for (int i = 1; i < axes.length; i++) {
      axes[i] = i + 1;
    }
    return g.sum(axes, false);
  }
}
