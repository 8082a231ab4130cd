package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.Arrays;

/**
 * Losses whose target is a class, or a distribution over classes; axis 1 of a batch is the class.
 */
final class ClassLosses {
  private ClassLosses() {}

  static Tensor crossEntropy(Tensor input, Tensor target, ClassLossOptions o) {
    requireClasses("cross_entropy", input);
    int axis = input.dim() == 1 ? 0 : 1;
    Tensor logarithms = input.logSoftmax(axis);
    if (target.dtype().isFloat()) {
      return distribution(logarithms, target, axis, o);
    }
    if (o.labelSmoothing == 0) {
      return negativeLogLikelihood("cross_entropy", logarithms, target, o);
    }
    Picked picked = pick("cross_entropy", logarithms, target, o);
    Tensor all = o.weight.map(w -> logarithms.mul(alongClasses(w, input, axis))).orElse(logarithms);
    Tensor keep = picked.keep.to(input.dtype());
    Tensor smooth = all.sum(axis).neg();
    smooth = Torch.where(picked.keep, smooth, smooth.detach().zerosLike());
    double spread = o.labelSmoothing / input.size(axis);
    Tensor certain = picked.losses.mul(1 - o.labelSmoothing);
    return switch (o.reduction) {
      case NONE -> certain.add(smooth.mul(spread));
      case SUM -> certain.sum().add(smooth.sum().mul(spread));
      case MEAN -> {
        Tensor count = o.weight.isPresent() ? picked.weights.sum() : keep.sum();
        yield certain.sum().add(smooth.sum().mul(spread)).div(count);
      }
    };
  }

  private static Tensor distribution(
      Tensor logarithms, Tensor target, int axis, ClassLossOptions o) {
    if (!target.shape().equals(logarithms.shape())) {
      throw TorchException.shape(
          "cross_entropy", "target", target.shape(), "probabilities of the input's shape");
    }
    long classes = logarithms.size(axis);
    Tensor wanted =
        o.labelSmoothing == 0
            ? target
            : target.mul(1 - o.labelSmoothing).add(o.labelSmoothing / classes);
    Tensor products = logarithms.mul(wanted).neg();
    Tensor losses = o.weight.map(w -> products.mul(alongClasses(w, target, axis))).orElse(products);
    return switch (o.reduction) {
      case NONE -> losses.sum(axis);
      case SUM -> losses.sum();
      case MEAN -> losses.sum().div((double) logarithms.numel() / classes);
    };
  }

  private static Tensor alongClasses(Tensor weight, Tensor input, int axis) {
    long[] sizes = new long[input.dim()];
    Arrays.fill(sizes, 1);
    sizes[axis] = -1;
    return weight.reshape(sizes);
  }

  static Tensor negativeLogLikelihood(
      String operator, Tensor input, Tensor target, ClassLossOptions o) {
    requireClasses(operator, input);
    Picked picked = pick(operator, input, target, o);
    return switch (o.reduction) {
      case NONE -> picked.losses;
      case SUM -> picked.losses.sum();
      case MEAN -> picked.losses.sum().div(picked.weights.sum());
    };
  }

  /** Per target: minus weight times logarithm, the weight, whether it counts; 0 where not. */
  private record Picked(Tensor losses, Tensor weights, Tensor keep) {}

  private static Picked pick(
      String operator, Tensor logarithms, Tensor target, ClassLossOptions o) {
    int axis = logarithms.dim() == 1 ? 0 : 1;
    if (!target.shape().equals(logarithms.shape().reduce(new int[] {axis}, false))) {
      throw TorchException.shape(
          operator,
          "target",
          target.shape(),
          "the input's shape without its classes, "
              + logarithms.shape().reduce(new int[] {axis}, false));
    }
    if (target.dtype().category() != DType.Category.INTEGER) {
      throw TorchException.type(operator, "target", target.dtype(), "an integer type");
    }
    Tensor classes = target.to(DType.I64);
    Tensor keep = classes.ne(o.ignoreIndex);
    Tensor index = Torch.where(keep, classes, classes.zerosLike());
    checkRange(operator, index, logarithms.size(axis));
    Tensor weights = keep.to(logarithms.dtype());
    if (o.weight.isPresent()) {
      Tensor weight = o.weight.get();
      if (weight.dim() != 1 || weight.size(0) != logarithms.size(axis)) {
        throw TorchException.shape(
            operator, "weight", weight.shape(), "[" + logarithms.size(axis) + "]");
      }
      Tensor each = weight.indexSelect(0, index.reshape(-1)).reshape(index.shape().sizes());
      weights = weights.mul(each);
    }
    Tensor chosen = logarithms.gather(axis, index.unsqueeze(axis)).squeeze(axis);
    Tensor losses = chosen.mul(weights).neg();
    // An infinite logarithm times weight 0 is no number; such targets must count nothing.
    return new Picked(Torch.where(keep, losses, losses.detach().zerosLike()), weights, keep);
  }

  private static void checkRange(String operator, Tensor index, long classes) {
    if (Mode.checking() && index.numel() > 0 && index.device() == Device.CPU) {
      long low = index.amin().itemLong();
      long high = index.amax().itemLong();
      if (low < 0 || high >= classes) {
        throw TorchException.argument(
            operator, "target", low < 0 ? low : high, "a class in [0, " + (classes - 1) + "]");
      }
    }
  }

  private static void requireClasses(String operator, Tensor input) {
    if (input.dim() == 0) {
      throw TorchException.shape(
          operator, "input", input.shape(), "(classes) or (batch, classes, ...)");
    }
  }
}
