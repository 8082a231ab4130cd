package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.Optional;
import java.util.function.Consumer;

/** Options of losses over classes: no weights, targets of -100 ignored, no smoothing, the mean. */
public final class ClassLossOptions {
  Optional<Tensor> weight = Optional.empty();
  long ignoreIndex = -100;
  double labelSmoothing;
  LossReduction reduction = LossReduction.MEAN;

  private ClassLossOptions() {}

  /** The options {@code set} chooses. */
  public static ClassLossOptions of(Consumer<ClassLossOptions> set) {
    ClassLossOptions options = new ClassLossOptions();
    set.accept(options);
    return options;
  }

  /** A factor for each class, (classes). */
  public ClassLossOptions weight(Tensor perClass) {
    weight = Optional.of(perClass);
    return this;
  }

  /** Targets of this value add nothing to the loss or to the mean's denominator. */
  public ClassLossOptions ignoreIndex(long index) {
    ignoreIndex = index;
    return this;
  }

  /** The part of the target spread evenly over all classes, in [0, 1]; cross entropy only. */
  public ClassLossOptions labelSmoothing(double part) {
    if (!(part >= 0 && part <= 1)) {
      throw TorchException.argument("cross_entropy", "label_smoothing", part, "in [0, 1]");
    }
    labelSmoothing = part;
    return this;
  }

  public ClassLossOptions reduction(LossReduction value) {
    reduction = value;
    return this;
  }

  /** The class weights, if any. */
  public Optional<Tensor> weight() {
    return weight;
  }
}
