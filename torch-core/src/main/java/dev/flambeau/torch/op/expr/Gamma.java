package dev.flambeau.torch.op.expr;

/**
 * The gamma function and its kin in double precision: recurrences up to large arguments, Stirling's
 * series there (Abramowitz and Stegun 6.1.40, 6.3.18), Euler and Maclaurin's sum for zeta.
 */
final class Gamma {
  /** Bernoulli numbers B2, B4, ... */
  private static final double[] BERNOULLI = {
    1.0 / 6,
    -1.0 / 30,
    1.0 / 42,
    -1.0 / 30,
    5.0 / 66,
    -691.0 / 2730,
    7.0 / 6,
    -3617.0 / 510,
    43867.0 / 798,
    -174611.0 / 330
  };

  private static final double EULER = 0.57721566490153286061;
  private static final double LARGE = 12;
  private static final int MOST_TERMS = 20_000;

  /** zeta(k) / k for k = 2, 3, ... */
  private static final double[] ZETAS = new double[32];

  static {
    for (int i = 0; i < ZETAS.length; i++) {
      ZETAS[i] = zeta(i + 2, 1) / (i + 2);
    }
  }

  private Gamma() {}

  /** log |gamma(x)|. */
  static double lgamma(double x) {
    if (x <= 0 && x == Math.rint(x) || Double.isInfinite(x)) {
      return Double.POSITIVE_INFINITY;
    }
    if (x < 0.5) {
      double sine = Math.abs(Math.sin(Math.PI * (x - Math.rint(x))));
      return Math.log(Math.PI / sine) - lgamma(1 - x);
    }
    if (Math.abs(x - 1) < 0.25) {
      return nearOne(x - 1);
    }
    if (Math.abs(x - 2) < 0.25) {
      return Math.log1p(x - 2) + nearOne(x - 2);
    }
    double product = 1;
    double a = x;
    while (a < LARGE) {
      product *= a++;
    }
    double sum = 0;
    for (int k = BERNOULLI.length; k >= 1; k--) {
      sum = sum / (a * a) + BERNOULLI[k - 1] / (2 * k * (2 * k - 1));
    }
    return (a - 0.5) * Math.log(a) - a + 0.5 * Math.log(2 * Math.PI) + sum / a - Math.log(product);
  }

  /** log gamma(1 + z) = -EULER z + sum zeta(k) (-z)^k / k: exact relative to its zero. */
  private static double nearOne(double z) {
    double sum = -EULER * z;
    double power = -z;
    for (double coefficient : ZETAS) {
      power *= -z;
      sum += power * coefficient;
    }
    return sum;
  }

  /** The derivative of log gamma; at 0 an infinity of the opposite sign, at other poles NaN. */
  static double digamma(double x) {
    if (x == 0) {
      return Math.copySign(Double.POSITIVE_INFINITY, -x);
    }
    if (x < 0) {
      if (x == Math.rint(x)) {
        return Double.NaN;
      }
      return digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x - Math.rint(x)));
    }
    double sum = 0;
    double a = x;
    while (a < LARGE) {
      sum -= 1 / a++;
    }
    double series = 0;
    for (int k = BERNOULLI.length; k >= 1; k--) {
      series = (series + BERNOULLI[k - 1] / (2 * k)) / (a * a);
    }
    return sum + Math.log(a) - 0.5 / a - series;
  }

  /** The n-th derivative of {@link #digamma}. */
  static double polygamma(double n, double x) {
    if (n == 0) {
      return digamma(x);
    }
    double sign = n % 2 == 0 ? -1 : 1;
    return sign * Math.exp(lgamma(n + 1)) * zeta(n + 1, x);
  }

  /** Hurwitz's sum of (q + k)^-s over k = 0, 1, ...; NaN for q below -20,000. */
  static double zeta(double s, double q) {
    if (s == 1) {
      return Double.POSITIVE_INFINITY;
    }
    if (!(s > 1)) {
      return Double.NaN;
    }
    if (q <= 0) {
      if (q < -MOST_TERMS) {
        return Double.NaN;
      }
      if (q == Math.floor(q)) {
        return Double.POSITIVE_INFINITY;
      }
      if (s != Math.floor(s)) {
        return Double.NaN;
      }
    }
    double sum = 0;
    double a = q;
    for (int i = 0; i < 10 || a < 10; i++) {
      double term = Math.pow(a++, -s);
      sum += term;
      if (Math.abs(term) < 1e-17 * Math.abs(sum) && a > 1) {
        return sum;
      }
    }
    double power = Math.pow(a, -s);
    sum += power * a / (s - 1) + power / 2;
    double factor = s;
    double factorial = 2;
    for (int k = 1; k <= BERNOULLI.length; k++) {
      power /= a * (k == 1 ? 1 : a);
      sum += BERNOULLI[k - 1] * factor / factorial * power;
      factor *= (s + 2 * k - 1) * (s + 2 * k);
      factorial *= (2 * k + 1) * (2 * k + 2);
    }
    return sum;
  }

  /** The lower incomplete gamma function over gamma(a). */
  static double igamma(double a, double x) {
    if (special(a, x)) {
      return a == 0 ? x > 0 ? 1 : Double.NaN : x == 0 ? 0 : limit(a, x, 1);
    }
    return x < a + 1 ? lower(a, x) : 1 - upper(a, x);
  }

  /** The upper incomplete gamma function over gamma(a). */
  static double igammac(double a, double x) {
    if (special(a, x)) {
      return a == 0 ? x > 0 ? 0 : Double.NaN : x == 0 ? 1 : limit(a, x, 0);
    }
    return x < a + 1 ? 1 - lower(a, x) : upper(a, x);
  }

  private static boolean special(double a, double x) {
    return !(a > 0 && x > 0) || Double.isInfinite(a) || Double.isInfinite(x);
  }

  private static double limit(double a, double x, double atInfinity) {
    if (!(a >= 0 && x >= 0) || Double.isInfinite(a) && Double.isInfinite(x)) {
      return Double.NaN;
    }
    return Double.isInfinite(x) ? atInfinity : 1 - atInfinity;
  }

  /** By its power series (Abramowitz and Stegun 6.5.29). */
  private static double lower(double a, double x) {
    double term = 1 / a;
    double sum = term;
    for (int k = 1; k < MOST_TERMS && term > 1e-17 * sum; k++) {
      term *= x / (a + k);
      sum += term;
    }
    return sum * prefix(a, x);
  }

  /** By its continued fraction (Abramowitz and Stegun 6.5.31), evaluated as Lentz (1976). */
  private static double upper(double a, double x) {
    double tiny = 1e-300;
    double b = x + 1 - a;
    double c = 1 / tiny;
    double d = 1 / b;
    double h = d;
    for (int k = 1; k < MOST_TERMS; k++) {
      double n = -k * (k - a);
      b += 2;
      d = 1 / nonZero(n * d + b, tiny);
      c = nonZero(b + n / c, tiny);
      h *= c * d;
      if (Math.abs(c * d - 1) < 1e-16) {
        break;
      }
    }
    return h * prefix(a, x);
  }

  private static double nonZero(double x, double tiny) {
    return Math.abs(x) < tiny ? tiny : x;
  }

  /** x^a exp(-x) / gamma(a). */
  private static double prefix(double a, double x) {
    return Math.exp(a * Math.log(x) - x - lgamma(a));
  }
}
