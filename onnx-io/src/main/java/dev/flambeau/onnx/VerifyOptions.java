package dev.flambeau.onnx;

import dev.flambeau.torch.TorchException;

/**
 * How results are compared with ONNX Runtime's: outputs only, within 1e-3, unless said otherwise.
 */
public final class VerifyOptions {
  private boolean layers;
  private double tolerance = 1e-3;

  VerifyOptions() {}

  /** Whether the results of every node are compared, to find the first that differs. */
  public VerifyOptions layers(boolean on) {
    layers = on;
    return this;
  }

  /** The relative difference up to which results are equal; default 1e-3. */
  public VerifyOptions tolerance(double most) {
    if (!(most >= 0)) {
      throw TorchException.argument("Onnx.verify", "tolerance", most, "0 or more");
    }
    tolerance = most;
    return this;
  }

  boolean layers() {
    return layers;
  }

  double tolerance() {
    return tolerance;
  }
}
