package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.Tensor;

/** What becomes of the losses of single elements. */
public enum LossReduction {
  NONE,
  MEAN,
  SUM;

  Tensor apply(Tensor losses) {
    return switch (this) {
      case NONE -> losses;
      case MEAN -> losses.mean();
      case SUM -> losses.sum();
    };
  }
}
