package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Activations;

/**
 * log(1 + exp(beta x)) / beta; the identity where beta x exceeds the threshold. PyTorch: {@code
 * torch.nn.Softplus}.
 */
public class Softplus extends Activation {
  /** With beta 1 and threshold 20. */
  public Softplus() {
    this(1, 20);
  }

  public Softplus(double beta, double threshold) {
    super(Activations.softplus(beta, threshold), "beta=" + beta + ", threshold=" + threshold);
  }
}
