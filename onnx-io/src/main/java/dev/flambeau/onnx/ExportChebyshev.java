package dev.flambeau.onnx;

import dev.flambeau.torch.op.expr.Prim;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * A smooth function on an interval as a sum of Chebyshev polynomials, which is taken from its
 * values when the file is written (Clenshaw 1955; coefficients as in Press et al., "Numerical
 * Recipes", 5.8).
 */
final class ExportChebyshev {
  private static final int NODES = 48;

  private final double low;
  private final double high;
  private final double[] coefficients;

  /** Coefficients that no double shows are left out. */
  ExportChebyshev(double low, double high, DoubleUnaryOperator f) {
    this.low = low;
    this.high = high;
    double[] values = new double[NODES];
    for (int k = 0; k < NODES; k++) {
      double node = Math.cos(Math.PI * (k + 0.5) / NODES);
      values[k] = f.applyAsDouble((low + high + (high - low) * node) / 2);
    }
    double[] all = new double[NODES];
    double largest = 0;
    for (int j = 0; j < NODES; j++) {
      double sum = 0;
      for (int k = 0; k < NODES; k++) {
        sum += values[k] * Math.cos(Math.PI * j * (k + 0.5) / NODES);
      }
      all[j] = sum * 2 / NODES;
      largest = Math.max(largest, Math.abs(all[j]));
    }
    int count = NODES;
    while (count > 2 && Math.abs(all[count - 1]) < 1e-15 * largest) {
      count--;
    }
    coefficients = Arrays.copyOf(all, count);
  }

  /** Of a primitive itself. */
  static ExportChebyshev of(Prim prim, double low, double high) {
    return new ExportChebyshev(low, high, x -> prim.real(x, 0));
  }

  /** The value at x, which is of no use outside the interval. */
  ExportValue at(ExportValue x) {
    ExportValue u = x.mul(2 / (high - low)).sub((high + low) / (high - low));
    ExportValue twice = u.mul(2);
    ExportValue before = null;
    ExportValue now = null;
    for (int j = coefficients.length - 1; j >= 1; j--) {
      ExportValue next = now == null ? u.number(coefficients[j]) : twice.mul(now);
      if (now != null) {
        next = (before == null ? next : next.sub(before)).add(coefficients[j]);
      }
      before = now;
      now = next;
    }
    ExportValue last = u.mul(now);
    return (before == null ? last : last.sub(before)).add(coefficients[0] / 2);
  }
}
