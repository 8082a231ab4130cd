package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Activations;

/** x where it exceeds the threshold, else a value. PyTorch: {@code torch.nn.Threshold}. */
public class Threshold extends Activation {
  public Threshold(double threshold, double value) {
    super(Activations.threshold(threshold, value), "threshold=" + threshold + ", value=" + value);
  }
}
