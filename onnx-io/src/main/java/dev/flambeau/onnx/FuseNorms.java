package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Puts what follows a layer and scales and shifts its channels by constants into the layer's weight
 * and bias: BatchNormalization, and Mul, Div, Add and Sub with a number a channel. With y = W x + b
 * and factor s and shift t a channel, W' = s W and b' = s b + t, computed in F64.
 */
final class FuseNorms {
  private static final String[] LAYERS = {"Conv", "ConvTranspose", "Gemm"};

  /** What is done to each channel. */
  private record Affine(Tensor factor, Tensor shift) {}

  private final ModelEdit model;
  private final ShapeFacts facts;

  private FuseNorms(ModelEdit model, ShapeFacts facts) {
    this.model = model;
    this.facts = facts;
  }

  /** Number of nodes taken out. */
  static int run(ModelEdit model, ShapeFacts facts) {
    FuseNorms pass = new FuseNorms(model, facts);
    int count = 0;
    for (NodeEdit node : model.graph().allNodes()) {
      count += pass.fuse(node) ? 1 : 0;
    }
    return count;
  }

  private boolean fuse(NodeEdit node) {
    int from = node.is("Add", "Mul") && model.constants.has(node.input(0)) ? 1 : 0;
    Optional<NodeEdit> layer =
        node.inputs().isEmpty() ? Optional.empty() : model.maker(node.input(from), LAYERS);
    if (layer.isEmpty()
        || !model.isOnlyFor(node.input(from), node)
        || !isFloat(layer.get().input(1))
        || layer.get().hasInput(2) && !isFloat(layer.get().input(2))) {
      return false;
    }
    Tensor weight = model.constants.numbers(layer.get().input(1)).orElseThrow().tensor();
    int axis = axis(layer.get());
    long groups = layer.get().is("ConvTranspose") ? layer.get().i("group", 1) : 1;
    if (weight.dim() < 2) {
      return false;
    }
    long channels = weight.size(axis) * groups;
    Optional<Affine> affine =
        node.is("BatchNormalization")
            ? norm(node, channels)
            : elementwise(node, 1 - from, channels);
    if (affine.isEmpty() || !apply(layer.get(), weight, axis, groups, affine.get())) {
      return false;
    }
    return model.bypass(node, layer.get().output());
  }

  /** The axis of the weight that counts the outputs; within a group for ConvTranspose. */
  static int axis(NodeEdit layer) {
    return switch (layer.type()) {
      case "ConvTranspose" -> 1;
      case "Gemm" -> layer.i("transB", 0) != 0 ? 0 : 1;
      default -> 0;
    };
  }

  private boolean isFloat(String name) {
    return model
        .constants
        .numbers(name)
        .filter(n -> n.type().isFloat() && !n.type().isTiny())
        .isPresent();
  }

  private Optional<Tensor> vector(String name, long channels) {
    return model
        .constants
        .numbers(name)
        .map(n -> n.tensor().to(DType.F64))
        .filter(t -> t.dim() == 1 && t.numel() == channels);
  }

  private Optional<Affine> norm(NodeEdit node, long channels) {
    boolean inference =
        node.i("training_mode", 0) == 0 && node.outputs().stream().skip(1).noneMatch(model::isUsed);
    Optional<Tensor> scale = vector(node.input(1), channels);
    Optional<Tensor> bias = vector(node.input(2), channels);
    Optional<Tensor> mean = vector(node.input(3), channels);
    Optional<Tensor> variance = vector(node.input(4), channels);
    if (!inference
        || node.inputs().size() != 5
        || List.of(scale, bias, mean, variance).contains(Optional.<Tensor>empty())) {
      return Optional.empty();
    }
    Tensor factor = scale.get().div(variance.get().add(node.f("epsilon", 1e-5f)).sqrt());
    return Optional.of(new Affine(factor, bias.get().sub(mean.get().mul(factor))));
  }

  /** The constant has one number, or one for each channel along axis 1. */
  private Optional<Affine> elementwise(NodeEdit node, int constant, long channels) {
    boolean known =
        node.is("Mul", "Div", "Add", "Sub")
            && model.opset("") >= 7
            && facts.sameShape(node.input(1 - constant), node.output())
            && (constant == 1 || !node.is("Div", "Sub"))
            && isFloat(node.input(constant));
    if (!known) {
      return Optional.empty();
    }
    Tensor c = model.constants.numbers(node.input(constant)).orElseThrow().tensor().to(DType.F64);
    int rank = facts.rank(node.output()).orElse(0);
    long[] sizes = c.shape().sizes();
    for (int i = 0; i < sizes.length; i++) {
      boolean channel = rank - sizes.length + i == 1 && sizes[i] == channels;
      if (sizes[i] != 1 && !channel) {
        return Optional.empty();
      }
    }
    Tensor vector = c.reshape(-1).expand(channels).contiguous();
    Tensor one = Torch.ones(channels).to(DType.F64);
    Tensor zero = one.zerosLike();
    return Optional.of(
        switch (node.type()) {
          case "Mul" -> new Affine(vector, zero);
          case "Div" -> new Affine(one.div(vector), zero);
          case "Add" -> new Affine(one, vector);
          default -> new Affine(one, vector.neg());
        });
  }

  private boolean apply(NodeEdit layer, Tensor weight, int axis, long groups, Affine affine) {
    boolean scales = layer.is("Gemm") && layer.f("beta", 1) != 1;
    long channels = weight.size(axis) * groups;
    Optional<Tensor> bias =
        layer.hasInput(2)
            ? model.constants.numbers(layer.input(2)).map(n -> n.tensor().to(DType.F64).reshape(-1))
            : Optional.of(Torch.zeros(DType.F64, channels));
    if (scales || bias.isEmpty() || bias.get().numel() != channels && bias.get().numel() != 1) {
      return false;
    }
    long[] sizes = new long[weight.dim()];
    Arrays.fill(sizes, 1);
    Tensor factor = affine.factor;
    if (groups > 1) {
      // (groups, in / groups, out / groups, ...): the factor of a group's output counts for it.
      long[] spread = new long[weight.dim() + 1];
      Arrays.fill(spread, 1);
      spread[0] = groups;
      spread[2] = weight.size(1);
      long[] split = new long[weight.dim() + 1];
      split[0] = groups;
      split[1] = weight.size(0) / groups;
      System.arraycopy(weight.shape().sizes(), 1, split, 2, weight.dim() - 1);
      Tensor scaled = weight.to(DType.F64).reshape(split).mul(factor.reshape(spread));
      put(layer, 1, scaled.reshape(weight.shape().sizes()), layer.input(1));
    } else {
      sizes[axis] = channels;
      put(layer, 1, weight.to(DType.F64).mul(factor.reshape(sizes)), layer.input(1));
    }
    Tensor shifted = bias.get().mul(factor).add(affine.shift);
    put(layer, 2, shifted, layer.hasInput(2) ? layer.input(2) : layer.output() + "/bias");
    return true;
  }

  /** The new weight or bias, under the name of the old one where nothing else uses that. */
  private void put(NodeEdit layer, int input, Tensor value, String name) {
    ElementType type = model.constants.numbers(layer.input(1)).orElseThrow().type();
    Tensor stored = value.to(type == ElementType.FLOAT16 ? DType.F16 : type.require(name));
    OnnxValue typed = OnnxValue.of(stored, type);
    boolean own =
        layer.hasInput(input)
            && model.isOnlyFor(layer.input(input), layer)
            && model.constants.isListed(layer.input(input));
    if (own) {
      model.constants.set(layer.input(input), typed);
    } else {
      model.setInput(layer, input, model.constants.add(layer.graph(), model.fresh(name), typed));
    }
  }
}
