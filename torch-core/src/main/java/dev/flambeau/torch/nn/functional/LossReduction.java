package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.Tensor;

/** What becomes of the losses of single elements. */
public enum LossReduction {
  NONE,
  MEAN,
  SUM,
  /** The sum over the size of the first axis; PyTorch: {@code batchmean} of {@code kl_div}. */
  BATCH_MEAN;

  Tensor apply(Tensor losses) {
    return switch (this) {
      case NONE -> losses;
      case MEAN -> losses.mean();
      case SUM -> losses.sum();
      case BATCH_MEAN -> losses.sum().div(losses.dim() == 0 ? 1 : losses.size(0));
    };
  }
}
