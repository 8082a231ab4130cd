package dev.flambeau.torch.nn;

import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.Pointwise;

/** min(max(x, low), high). PyTorch: {@code torch.nn.Hardtanh}. */
public class Hardtanh extends Activation {
  /** Between -1 and 1. */
  public Hardtanh() {
    this(-1, 1);
  }

  public Hardtanh(double low, double high) {
    super(
        Pointwise.clamp("nn.functional.hardtanh", low, high),
        "min_val=" + low + ", max_val=" + high);
    if (!(low < high)) {
      throw TorchException.argument("Hardtanh", "low, high", low + ", " + high, "low below high");
    }
  }
}
