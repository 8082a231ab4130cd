package dev.flambeau.torch.train;

import dev.flambeau.torch.TorchException;
import java.util.List;

/**
 * A metric and which way it is better.
 *
 * @param metric its name in {@link EpochResult#metrics}
 * @param highest whether more is better
 */
public record Goal(String metric, boolean highest) {
  /** Less is better, as of losses. */
  public static Goal lowest(String metric) {
    return new Goal(metric, false);
  }

  /** More is better, as of accuracies. */
  public static Goal highest(String metric) {
    return new Goal(metric, true);
  }

  /** The index of the best epoch, the first of equals; -1 if there is none but NaN. */
  int best(List<EpochResult> epochs) {
    int best = -1;
    for (int i = 0; i < epochs.size(); i++) {
      double now = of(epochs.get(i));
      if (!Double.isNaN(now) && (best < 0 || better(now, of(epochs.get(best))))) {
        best = i;
      }
    }
    return best;
  }

  private boolean better(double now, double before) {
    return highest ? now > before : now < before;
  }

  private double of(EpochResult epoch) {
    Double value = epoch.metrics().get(metric);
    if (value == null) {
      throw TorchException.argument("Trainer", "metric", metric, epoch.metrics().keySet() + "");
    }
    return value;
  }
}
