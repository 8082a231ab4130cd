package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Activations;

/** x where |x| exceeds lambda, else 0. PyTorch: {@code torch.nn.Hardshrink}. */
public class Hardshrink extends Activation {
  /** With lambda 0.5. */
  public Hardshrink() {
    this(0.5);
  }

  public Hardshrink(double lambda) {
    super(Activations.hardshrink(lambda), String.valueOf(lambda));
  }
}
