package dev.flambeau.vision.transforms;

import java.util.function.DoubleUnaryOperator;

/** How new pixels are made from old ones: Pillow's filters with their half widths. */
public enum Interpolation {
  NEAREST(0, _ -> 0),
  BOX(0.5, x -> x > -0.5 && x <= 0.5 ? 1 : 0),
  /** A triangle. */
  BILINEAR(1, x -> Math.max(0, 1 - Math.abs(x))),
  HAMMING(1, Interpolation::hamming),
  /** Keys' cubic with a = -0.5. */
  BICUBIC(2, Interpolation::cubic),
  /** Three lobes. */
  LANCZOS(3, x -> Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0);

  private final double support;
  private final DoubleUnaryOperator filter;

  Interpolation(double support, DoubleUnaryOperator filter) {
    this.support = support;
    this.filter = filter;
  }

  double support() {
    return support;
  }

  double weight(double x) {
    return filter.applyAsDouble(x);
  }

  private static double sinc(double x) {
    return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  }

  private static double hamming(double x) {
    return Math.abs(x) >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x));
  }

  private static double cubic(double signed) {
    double x = Math.abs(signed);
    double a = -0.5;
    if (x < 1) {
      return ((a + 2) * x - (a + 3)) * x * x + 1;
    }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  }
}
