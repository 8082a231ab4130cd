package dev.flambeau.torch.op.expr;

/** Functions of numbers that Java's library lacks. */
final class Scalars {
  private Scalars() {}

  /** Exact for powers of two. */
  static double log2(double a) {
    double value = Math.log(a) / Math.log(2);
    double near = Math.rint(value);
    return Math.abs(near) < 1024 && Math.scalb(1.0, (int) near) == a ? near : value;
  }

  static double asinh(double a) {
    double x = Math.abs(a);
    double value =
        x > 1e9 ? Math.log(x) + Math.log(2) : Math.log1p(x + x * x / (1 + Math.sqrt(x * x + 1)));
    return Math.copySign(value, a);
  }

  static double acosh(double a) {
    double t = a - 1;
    return a > 1e9 ? Math.log(a) + Math.log(2) : Math.log1p(t + Math.sqrt(t * (t + 2)));
  }

  static double exponent(double a) {
    if (a == 0 || Double.isNaN(a) || Double.isInfinite(a)) {
      return 0;
    }
    boolean tiny = Math.abs(a) < Double.MIN_NORMAL;
    return Math.getExponent(tiny ? a * 0x1p54 : a) + (tiny ? -53 : 1);
  }

  static long gcd(long a, long b) {
    while (b != 0) {
      long rest = a % b;
      a = b;
      b = rest;
    }
    return Math.abs(a);
  }

  static double remainder(double a, double b) {
    double r = a % b;
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
  }

  static long power(long base, long exponent) {
    if (exponent < 0) {
      return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0;
    }
    long result = 1;
    for (long e = exponent, b = base; e > 0; e >>= 1, b *= b) {
      if ((e & 1) == 1) {
        result *= b;
      }
    }
    return result;
  }
}
