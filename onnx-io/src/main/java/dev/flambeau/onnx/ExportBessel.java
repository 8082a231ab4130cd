package dev.flambeau.onnx;

import dev.flambeau.torch.op.expr.Prim;
import java.util.function.DoubleUnaryOperator;

/**
 * Bessel's functions and Airy's in F64: smooth factors as sums of Chebyshev polynomials, of x^2 for
 * small arguments and of 1/x for large ones (Abramowitz and Stegun 9.1, 9.2, 9.6, 9.7, 10.4).
 */
final class ExportBessel {
  private static final double NEAR = 8;

  private ExportBessel() {}

  private static double of(Prim prim, double x) {
    return prim.real(x, 0);
  }

  private static ExportValue fit(double high, DoubleUnaryOperator f, ExportValue at) {
    return new ExportChebyshev(0, high, f).at(at);
  }

  /** I of order 0 or 1, which is odd, as it is or times exp(-|x|). */
  static ExportValue first(Prim prim, ExportValue x) {
    boolean odd = prim == Prim.I1 || prim == Prim.I1E;
    Prim scaled = odd ? Prim.I1E : Prim.I0E;
    ExportValue a = x.abs();
    ExportValue near = fit(NEAR, v -> of(scaled, v), a);
    ExportValue far =
        fit(1, z -> of(scaled, NEAR / z) * Math.sqrt(NEAR / z), a.under(NEAR)).div(a.sqrt());
    ExportValue value = a.lt(NEAR).where(near, far);
    if (prim == Prim.I0 || prim == Prim.I1) {
      ExportValue infinity = a.number(Double.POSITIVE_INFINITY);
      value = a.eq(infinity).where(infinity, value.mul(a.exp()));
    }
    return odd ? x.lt(0).where(value.neg(), value) : value;
  }

  /** J and Y of order 0 or 1. */
  static ExportValue oscillating(Prim prim, ExportValue x) {
    boolean odd = prim == Prim.BESSEL_J1 || prim == Prim.BESSEL_Y1;
    boolean second = prim == Prim.BESSEL_Y0 || prim == Prim.BESSEL_Y1;
    ExportValue a = second ? x : x.abs();
    ExportValue near = odd ? nearOdd(a) : nearEven(a);
    if (second) {
      near = odd ? secondOdd(a, near) : secondEven(a, near);
    }
    ExportValue value = a.lt(NEAR).where(near, far(odd, second, a));
    value = a.eq(a.number(Double.POSITIVE_INFINITY)).where(a.number(0), value);
    if (second) {
      return a.eq(0).where(a.number(Double.NEGATIVE_INFINITY), value);
    }
    return odd ? x.lt(0).where(value.neg(), value) : value;
  }

  private static ExportValue nearEven(ExportValue a) {
    return fit(NEAR * NEAR, t -> of(Prim.BESSEL_J0, Math.sqrt(t)), a.mul(a));
  }

  private static ExportValue nearOdd(ExportValue a) {
    DoubleUnaryOperator f = t -> of(Prim.BESSEL_J1, Math.sqrt(t)) / Math.sqrt(t);
    return fit(NEAR * NEAR, f, a.mul(a)).mul(a);
  }

  private static ExportValue secondEven(ExportValue a, ExportValue first) {
    DoubleUnaryOperator f =
        t -> {
          double x = Math.sqrt(t);
          return of(Prim.BESSEL_Y0, x) - 2 / Math.PI * Math.log(x) * of(Prim.BESSEL_J0, x);
        };
    return fit(NEAR * NEAR, f, a.mul(a)).add(a.log().mul(2 / Math.PI).mul(first));
  }

  private static ExportValue secondOdd(ExportValue a, ExportValue first) {
    DoubleUnaryOperator f =
        t -> {
          double x = Math.sqrt(t);
          double singular = Math.log(x) * of(Prim.BESSEL_J1, x) - 1 / x;
          return (of(Prim.BESSEL_Y1, x) - 2 / Math.PI * singular) / x;
        };
    ExportValue singular = a.log().mul(first).sub(a.under(1)).mul(2 / Math.PI);
    return fit(NEAR * NEAR, f, a.mul(a)).mul(a).add(singular);
  }

  /** sqrt(2 / (pi x)) (P cos - Q sin) of a phase, P and Q smooth functions of 1 / x^2. */
  private static ExportValue far(boolean odd, boolean second, ExportValue a) {
    Prim j = odd ? Prim.BESSEL_J1 : Prim.BESSEL_J0;
    Prim y = odd ? Prim.BESSEL_Y1 : Prim.BESSEL_Y0;
    double turn = (odd ? 0.75 : 0.25) * Math.PI;
    ExportValue z = a.under(NEAR);
    ExportValue square = z.mul(z);
    ExportValue p = fit(1, s -> part(j, y, turn, NEAR / Math.sqrt(s), true), square);
    ExportValue q =
        fit(1, s -> part(j, y, turn, NEAR / Math.sqrt(s), false) / Math.sqrt(s), square).mul(z);
    ExportValue phase = a.sub(turn);
    ExportValue sine = phase.node("Sin");
    ExportValue cosine = phase.node("Cos");
    ExportValue scale = a.under(2 / Math.PI).sqrt();
    return second
        ? p.mul(sine).add(q.mul(cosine)).mul(scale)
        : p.mul(cosine).sub(q.mul(sine)).mul(scale);
  }

  private static double part(Prim j, Prim y, double turn, double x, boolean first) {
    double sine = Math.sin(x - turn);
    double cosine = Math.cos(x - turn);
    double scale = Math.sqrt(Math.PI * x / 2);
    return first
        ? (of(j, x) * cosine + of(y, x) * sine) * scale
        : (of(y, x) * cosine - of(j, x) * sine) * scale;
  }

  /** K of order 0 or 1, as it is or times exp(x). */
  static ExportValue second(Prim prim, ExportValue x) {
    boolean odd = prim == Prim.BESSEL_K1 || prim == Prim.SCALED_K1;
    boolean scaled = prim == Prim.SCALED_K0 || prim == Prim.SCALED_K1;
    ExportValue square = x.mul(x);
    ExportValue log = x.mul(0.5).log();
    ExportValue near;
    if (odd) {
      DoubleUnaryOperator one = t -> of(Prim.I1, Math.sqrt(t)) / Math.sqrt(t);
      DoubleUnaryOperator rest =
          t -> {
            double v = Math.sqrt(t);
            return (of(Prim.BESSEL_K1, v) - 1 / v - Math.log(v / 2) * of(Prim.I1, v)) / v;
          };
      near = fit(4, one, square).mul(log).add(fit(4, rest, square)).mul(x).add(x.under(1));
    } else {
      DoubleUnaryOperator rest =
          t -> {
            double v = Math.sqrt(t);
            return of(Prim.BESSEL_K0, v) + Math.log(v / 2) * of(Prim.I0, v);
          };
      ExportValue zero = fit(4, t -> of(Prim.I0, Math.sqrt(t)), square);
      near = fit(4, rest, square).sub(zero.mul(log));
    }
    Prim times = odd ? Prim.SCALED_K1 : Prim.SCALED_K0;
    ExportValue far = fit(1, z -> of(times, 2 / z) * Math.sqrt(2 / z), x.under(2)).div(x.sqrt());
    near = scaled ? near.mul(x.exp()) : near;
    far = scaled ? far : far.mul(x.neg().exp());
    ExportValue value = x.lt(2).where(near, far);
    return x.eq(0).where(x.number(Double.POSITIVE_INFINITY), value);
  }

  static ExportValue airy(ExportValue x) {
    ExportValue a = x.abs();
    ExportValue xi = a.mul(a.sqrt()).mul(2.0 / 3);
    ExportValue root = a.sqrt().sqrt();
    DoubleUnaryOperator decay =
        v -> of(Prim.AIRY, v) * Math.exp(2.0 / 3 * v * Math.sqrt(v)) * Math.sqrt(Math.sqrt(v));
    ExportValue falling =
        x.lt(7)
            .where(new ExportChebyshev(2, 7, decay).at(x), fading(xi))
            .mul(xi.neg().exp())
            .div(root);
    ExportValue middle =
        x.lt(-2.5)
            .where(
                ExportChebyshev.of(Prim.AIRY, -7, -2.5).at(x),
                ExportChebyshev.of(Prim.AIRY, -2.5, 2).at(x));
    ExportValue value = x.lt(-7).where(waves(xi, root), x.gt(2).where(falling, middle));
    return a.eq(a.number(Double.POSITIVE_INFINITY)).where(a.number(0), value);
  }

  /** Coefficients of the asymptotic series 10.4.59 and 60, which serve beyond 7: exact to 1e-11. */
  private static double[] terms() {
    double[] terms = new double[20];
    terms[0] = 1;
    for (int k = 1; k < terms.length; k++) {
      terms[k] = terms[k - 1] * (6 * k - 5) * (6 * k - 1) / (72.0 * k);
    }
    return terms;
  }

  private static ExportValue fading(ExportValue xi) {
    double[] terms = terms();
    ExportValue over = xi.under(-1);
    ExportValue sum = xi.number(0);
    for (int k = terms.length - 1; k >= 0; k--) {
      sum = sum.mul(over).add(terms[k]);
    }
    return sum.mul(0.5 / Math.sqrt(Math.PI));
  }

  private static ExportValue waves(ExportValue xi, ExportValue root) {
    double[] terms = terms();
    ExportValue over = xi.under(1);
    ExportValue even = xi.number(0);
    ExportValue odd = xi.number(0);
    ExportValue square = over.mul(over);
    for (int k = terms.length - 2; k >= 0; k -= 2) {
      double sign = k % 4 < 2 ? 1 : -1;
      even = even.mul(square).add(sign * terms[k]);
      odd = odd.mul(square).add(sign * terms[k + 1]);
    }
    ExportValue phase = xi.add(Math.PI / 4);
    ExportValue sum = phase.node("Sin").mul(even).sub(phase.node("Cos").mul(odd).mul(over));
    return sum.div(root).mul(1 / Math.sqrt(Math.PI));
  }
}
