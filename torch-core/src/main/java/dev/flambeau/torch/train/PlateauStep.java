package dev.flambeau.torch.train;

import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.optim.lr.ReduceLROnPlateau;

/** Tells a scheduler a metric of each epoch. */
record PlateauStep(ReduceLROnPlateau scheduler, String metric) implements Callback {
  @Override
  public void epochDone(Progress progress, EpochResult result) {
    Double value = result.metrics().get(metric);
    if (value == null) {
      throw TorchException.argument("Trainer", "metric", metric, result.metrics().keySet() + "");
    }
    scheduler.step(value);
  }
}
