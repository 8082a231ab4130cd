package dev.flambeau.torch.op.expr;

/**
 * Bessel and Airy functions in double precision: power series for small arguments, asymptotic
 * series for large ones, and for K the trapezoidal sum of its integral (Abramowitz and Stegun 9.1,
 * 9.2, 9.6, 9.7, 10.4). Absolute error below 1e-10.
 */
final class Bessel {
  private static final double EULER = 0.57721566490153286061;

  /** From here on J and Y by asymptotic series; both are exact to 1e-11 here. */
  private static final double OSCILLATES = 14;

  private static final double MODIFIED_LARGE = 30;

  private Bessel() {}

  /** J of order 0 or 1. */
  static double j(int order, double x) {
    double a = Math.abs(x);
    if (Double.isInfinite(a)) {
      return 0;
    }
    double value = a < OSCILLATES ? series(order, a, -1) : oscillating(order, a, false);
    return order == 1 && x < 0 ? -value : value;
  }

  /** Y of order 0 or 1; NaN below 0. */
  static double y(int order, double x) {
    if (!(x > 0)) {
      return x == 0 ? Double.NEGATIVE_INFINITY : Double.NaN;
    }
    if (Double.isInfinite(x)) {
      return 0;
    }
    if (x >= OSCILLATES) {
      return oscillating(order, x, true);
    }
    double log = 2 / Math.PI * Math.log(x / 2) * series(order, x, -1);
    double sum = harmonics(order, x, -1);
    return order == 0
        ? log + 2 / Math.PI * (EULER * series(0, x, -1) - sum)
        : log - 2 / (Math.PI * x) - sum / Math.PI;
  }

  /** Sum of sign^k (x/2)^(2k + order) / (k! (k + order)!). */
  private static double series(int order, double x, int sign) {
    double t = x * x / 4;
    double term = order == 0 ? 1 : x / 2;
    double sum = term;
    for (int k = 1; Math.abs(term) > 1e-18 * Math.abs(sum) || k < t; k++) {
      term *= sign * t / (k * (double) (k + order));
      sum += term;
    }
    return sum;
  }

  /** The same sum with H(k) for order 0, psi(k + 1) + psi(k + 2) for order 1, as factors. */
  private static double harmonics(int order, double x, int sign) {
    double t = x * x / 4;
    double term = order == 0 ? 1 : x / 2;
    double harmonic = 0;
    double sum = order == 0 ? 0 : term * (1 - 2 * EULER);
    for (int k = 1; Math.abs(term) * (harmonic + 1) > 1e-18 * Math.abs(sum) || k < t; k++) {
      term *= sign * t / (k * (double) (k + order));
      harmonic += 1.0 / k;
      double factor = order == 0 ? harmonic : 2 * harmonic + 1.0 / (k + 1) - 2 * EULER;
      sum += term * factor;
    }
    return sum;
  }

  /** Hankel's asymptotic series. */
  private static double oscillating(int order, double x, boolean second) {
    double mu = 4.0 * order * order;
    double p = 0;
    double q = 0;
    double term = 1;
    for (int k = 0; k < 40; k++) {
      double sign = k % 4 < 2 ? 1 : -1;
      if (k % 2 == 0) {
        p += sign * term;
      } else {
        q += sign * term;
      }
      double odd = 2 * k + 1;
      double next = term * (mu - odd * odd) / ((k + 1) * 8 * x);
      if (Math.abs(next) > Math.abs(term) || Math.abs(next) < 1e-18) {
        break;
      }
      term = next;
    }
    double phase = x - (order / 2.0 + 0.25) * Math.PI;
    double scale = Math.sqrt(2 / (Math.PI * x));
    return second
        ? scale * (p * Math.sin(phase) + q * Math.cos(phase))
        : scale * (p * Math.cos(phase) - q * Math.sin(phase));
  }

  /** I of order 0 or 1, times exp(-|x|). */
  static double scaledI(int order, double x) {
    double a = Math.abs(x);
    double value;
    if (a < MODIFIED_LARGE) {
      value = Math.exp(-a) * series(order, a, 1);
    } else {
      double mu = 4.0 * order * order;
      double term = 1;
      value = 1;
      for (int k = 1; k < 40 && Math.abs(term) > 1e-18; k++) {
        double odd = 2 * k - 1;
        term *= (odd * odd - mu) / (k * 8 * a);
        value += term;
      }
      value /= Math.sqrt(2 * Math.PI * a);
    }
    return order == 1 && x < 0 ? -value : value;
  }

  /** I of order 0 or 1. */
  static double i(int order, double x) {
    double a = Math.abs(x);
    if (Double.isInfinite(a)) {
      return order == 0 ? a : x;
    }
    double value = a < MODIFIED_LARGE ? series(order, a, 1) : Math.exp(a) * scaledI(order, a);
    return order == 1 && x < 0 ? -value : value;
  }

  /** K of order 0 or 1; infinite at 0, NaN below. */
  static double k(int order, double x) {
    return x < 1 ? smallK(order, x) : Math.exp(-x) * scaledIntegral(order, x);
  }

  /** K of order 0 or 1, times exp(x). */
  static double scaledK(int order, double x) {
    return x < 1 ? Math.exp(x) * smallK(order, x) : scaledIntegral(order, x);
  }

  private static double smallK(int order, double x) {
    if (!(x > 0)) {
      return x == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
    }
    double sum = harmonics(order, x, 1);
    return order == 0
        ? sum - (Math.log(x / 2) + EULER) * series(0, x, 1)
        : 1 / x + Math.log(x / 2) * series(1, x, 1) - sum / 2;
  }

  /** exp(x) K(x): the integral of exp(-x (cosh t - 1)) cosh(order t) over t from 0. */
  private static double scaledIntegral(double order, double x) {
    if (Double.isInfinite(x)) {
      return 0;
    }
    double step = 1.0 / 16 / Math.max(1, Math.sqrt(x) / 4);
    double sum = 0.5;
    for (int n = 1; ; n++) {
      double t = n * step;
      double half = Math.sinh(t / 2);
      double term = Math.exp(-2 * x * half * half) * Math.cosh(order * t);
      sum += term;
      if (!(term > 1e-18 * sum)) {
        return sum * step;
      }
    }
  }

  /** Airy's function of the first kind. */
  static double airy(double x) {
    if (Double.isInfinite(x)) {
      return 0;
    }
    if (x > 2) {
      double xi = 2.0 / 3 * x * Math.sqrt(x);
      return Math.sqrt(x / 3) / Math.PI * Math.exp(-xi) * scaledIntegral(1.0 / 3, xi);
    }
    return x < -7 ? oscillatingAiry(-x) : airySeries(x);
  }

  private static double airySeries(double x) {
    double cube = x * x * x;
    double f = 1;
    double g = x;
    double sum = 0.355028053887817239 - 0.258819403792806798 * x;
    for (int k = 1; k < 60; k++) {
      f *= cube / (3 * k * (3 * k - 1.0));
      g *= cube / (3 * k * (3 * k + 1.0));
      sum += 0.355028053887817239 * f - 0.258819403792806798 * g;
    }
    return sum;
  }

  private static double oscillatingAiry(double x) {
    double xi = 2.0 / 3 * x * Math.sqrt(x);
    double even = 0;
    double odd = 0;
    double term = 1;
    for (int k = 0; k < 40; k++) {
      double sign = k % 4 < 2 ? 1 : -1;
      if (k % 2 == 0) {
        even += sign * term;
      } else {
        odd += sign * term;
      }
      double next = term * (6 * k + 1) * (6 * k + 5) / (72.0 * (k + 1) * xi);
      if (next > term) {
        break;
      }
      term = next;
    }
    double phase = xi + Math.PI / 4;
    double scale = 1 / (Math.sqrt(Math.PI) * Math.sqrt(Math.sqrt(x)));
    return scale * (Math.sin(phase) * even - Math.cos(phase) * odd);
  }
}
