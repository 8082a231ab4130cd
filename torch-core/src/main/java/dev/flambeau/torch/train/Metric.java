package dev.flambeau.torch.train;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;

/** A number for each batch whose mean over all samples tells how good a model is. */
@FunctionalInterface
public interface Metric {
  /** The mean over the batch. */
  double of(Outcome batch);

  /** The share of rows (N, C) whose largest score is that of the target class (N). */
  static Metric accuracy() {
    return batch -> share(batch.output().argmax(1).eq(batch.target()));
  }

  /**
   * The share of rows (N, C) in which the target class (N) is among the {@code k} largest scores.
   */
  static Metric accuracy(int k) {
    if (k < 1) {
      throw TorchException.argument("accuracy", "k", k, "1 or more");
    }
    return batch -> {
      Tensor best = batch.output().topk(k, 1, true).indices();
      return share(best.eq(batch.target().unsqueeze(1)).any(1));
    };
  }

  private static double share(Tensor right) {
    return (double) right.sum().itemLong() / right.numel();
  }
}
