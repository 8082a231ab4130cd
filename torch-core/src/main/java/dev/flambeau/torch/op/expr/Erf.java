package dev.flambeau.torch.op.expr;

/**
 * The error function in double precision: a Taylor series near 0, a continued fraction for the
 * complement farther out (Abramowitz and Stegun 7.1.6 and 7.1.14); error below 1e-15.
 */
public final class Erf {
  private Erf() {}

  public static double erf(double x) {
    double a = Math.abs(x);
    if (Double.isNaN(x)) {
      return x;
    }
    if (a > 6) {
      return Math.signum(x);
    }
    double value = a < 2.5 ? series(a) : 1 - complement(a);
    return Math.copySign(value, x);
  }

  /** 2/sqrt(pi) exp(-x^2) sum 2^n x^(2n+1) / (1 3 5 .. (2n+1)): all terms positive. */
  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; term > 1e-18 * sum; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  private static double complement(double x) {
    double fraction = x;
    for (int k = 60; k >= 1; k--) {
      fraction = x + k / 2.0 / fraction;
    }
    return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
  }
}
