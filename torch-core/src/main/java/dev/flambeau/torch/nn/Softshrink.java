package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Activations;

/** x drawn towards 0 by lambda, 0 within. PyTorch: {@code torch.nn.Softshrink}. */
public class Softshrink extends Activation {
  /** With lambda 0.5. */
  public Softshrink() {
    this(0.5);
  }

  public Softshrink(double lambda) {
    super(Activations.softshrink(lambda), String.valueOf(lambda));
  }
}
