package dev.flambeau.onnx;

/** How the range of an activation is told from examples of it. */
public enum CalibrationMethod {
  /** From the least to the largest number seen. */
  MIN_MAX,
  /**
   * As {@link #MIN_MAX}, each example's range counting for a tenth, the rest for what was before.
   */
  MOVING_AVERAGE,
  /** All but the outermost hundredth of a percent. */
  PERCENTILE,
  /**
   * The magnitude at which the distribution, cut off there and held in 128 steps, is closest to the
   * original by Kullback and Leibler's divergence (Migacz 2017, 8-bit Inference with TensorRT).
   */
  ENTROPY
}
