package dev.flambeau.torch.op.expr;

/**
 * Orthogonal polynomials by their recurrences (Abramowitz and Stegun 22.7). The degree is truncated
 * to a whole number; below 0 the value is 0.
 */
final class Polynomials {
  private static final long MOST_STEPS = 1 << 20;

  private Polynomials() {}

  /** The value at degree k + 1 from those at k and k - 1. */
  @FunctionalInterface
  private interface Next {
    double from(double k, double now, double before);
  }

  private static double recur(double degree, double first, Next next) {
    long n = (long) degree;
    if (n < 0 || Double.isNaN(degree)) {
      return 0;
    }
    double before = 1;
    double now = first;
    if (n == 0) {
      return before;
    }
    for (long k = 1; k < n && !Double.isNaN(now) && k < MOST_STEPS; k++) {
      double after = next.from(k, now, before);
      before = now;
      now = after;
    }
    return now;
  }

  private static double chebyshev(double x, double n, double first) {
    return recur(n, first, (_, now, before) -> 2 * x * now - before);
  }

  static double chebyshevT(double x, double n) {
    return Math.abs(x) < 1 && n > 6 ? Math.cos(Math.floor(n) * Math.acos(x)) : chebyshev(x, n, x);
  }

  static double chebyshevU(double x, double n) {
    return chebyshev(x, n, 2 * x);
  }

  static double chebyshevV(double x, double n) {
    return chebyshev(x, n, 2 * x - 1);
  }

  static double chebyshevW(double x, double n) {
    return chebyshev(x, n, 2 * x + 1);
  }

  /** Hermite's, of the physicists. */
  static double hermiteH(double x, double n) {
    return recur(n, 2 * x, (k, now, before) -> 2 * x * now - 2 * k * before);
  }

  /** Hermite's, of the statisticians. */
  static double hermiteHe(double x, double n) {
    return recur(n, x, (k, now, before) -> x * now - k * before);
  }

  static double laguerre(double x, double n) {
    return recur(n, 1 - x, (k, now, before) -> ((2 * k + 1 - x) * now - k * before) / (k + 1));
  }

  static double legendre(double x, double n) {
    return recur(n, x, (k, now, before) -> ((2 * k + 1) * x * now - k * before) / (k + 1));
  }
}
