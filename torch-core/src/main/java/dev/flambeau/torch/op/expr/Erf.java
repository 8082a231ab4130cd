package dev.flambeau.torch.op.expr;

/**
 * The error function and its kin in double precision: a Taylor series near 0, a continued fraction
 * for the complement farther out (Abramowitz and Stegun 7.1.6 and 7.1.14); error below 1e-15.
 */
public final class Erf {
  private static final double SQRT1_2 = Math.sqrt(0.5);
  private static final double SQRT_PI = Math.sqrt(Math.PI);
  private static final double FAR = 2.5;

  private Erf() {}

  public static double erf(double x) {
    double a = Math.abs(x);
    if (Double.isNaN(x)) {
      return x;
    }
    if (a > 6) {
      return Math.signum(x);
    }
    double value = a < FAR ? series(a) : 1 - complement(a);
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
    return 2 / SQRT_PI * Math.exp(-x * x) * sum;
  }

  private static double complement(double x) {
    return Math.exp(-x * x) * scaledComplement(x);
  }

  private static double scaledComplement(double x) {
    double fraction = x;
    for (int k = 60; k >= 1; k--) {
      fraction = x + k / 2.0 / fraction;
    }
    return 1 / (SQRT_PI * fraction);
  }

  /** 1 - erf(x). */
  static double erfc(double x) {
    return x < FAR ? 1 - erf(x) : complement(x);
  }

  /** exp(x^2) erfc(x). */
  static double erfcx(double x) {
    return x < FAR ? Math.exp(x * x) * erfc(x) : scaledComplement(x);
  }

  /** The x with erf(x) = y. */
  static double erfinv(double y) {
    return Math.abs(y) < 0.5 ? newton(y) : Math.copySign(erfcinv(1 - Math.abs(y)), y);
  }

  /** The x with erfc(x) = y. */
  private static double erfcinv(double y) {
    return y > 1 ? -newton(y - 1) : y > 0.5 ? newton(1 - y) : tail(y);
  }

  /** From a guess by Winitzki (2008), by Halley's method on erf. */
  private static double newton(double y) {
    if (!(Math.abs(y) < 1)) {
      return Math.abs(y) == 1 ? y * Double.POSITIVE_INFINITY : Double.NaN;
    }
    double x = guess(Math.log1p(-y * y));
    x = Math.copySign(x, y);
    for (int i = 0; i < 3; i++) {
      double step = (erf(x) - y) * SQRT_PI / 2 * Math.exp(x * x);
      x -= step / (1 + x * step);
    }
    return x;
  }

  /** Halley's method on erfc, which is exact where erf is near 1. */
  private static double tail(double y) {
    if (!(y > 0)) {
      return y == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
    }
    double x = guess(Math.log(y * (2 - y)));
    for (int i = 0; i < 4; i++) {
      double step = (erfcx(x) - y * Math.exp(x * x)) * SQRT_PI / 2;
      x += step / (1 - x * step);
    }
    return x;
  }

  private static double guess(double log) {
    double a = 0.147;
    double b = 2 / (Math.PI * a) + log / 2;
    return Math.sqrt(Math.sqrt(b * b - log / a) - b);
  }

  /** The normal distribution function. */
  public static double ndtr(double x) {
    return erfc(-x * SQRT1_2) / 2;
  }

  static double logNdtr(double x) {
    double t = x * SQRT1_2;
    return x < -1 ? Math.log(erfcx(-t) / 2) - t * t : Math.log1p(-erfc(t) / 2);
  }

  /** The x whose normal distribution function is p. */
  public static double ndtri(double p) {
    return p > 0.5 ? erfcinv(2 * (1 - p)) / SQRT1_2 : -erfcinv(2 * p) / SQRT1_2;
  }
}
