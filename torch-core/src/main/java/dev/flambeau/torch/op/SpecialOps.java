package dev.flambeau.torch.op;

import static dev.flambeau.torch.op.Pointwise.binary;
import static dev.flambeau.torch.op.Pointwise.unary;
import static dev.flambeau.torch.op.expr.Expr.of;

import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Prim;
import java.util.OptionalDouble;

/** The special functions; PyTorch: {@code torch.special}. Integers are computed as F32. */
public final class SpecialOps {
  public static final Pointwise ERFC = real("erfc", Prim.ERFC);
  public static final Pointwise ERFINV = real("erfinv", Prim.ERFINV);
  public static final Pointwise LGAMMA = real("lgamma", Prim.LGAMMA);
  public static final Pointwise DIGAMMA = real("digamma", Prim.DIGAMMA);
  public static final Pointwise IGAMMA = real2("igamma", Prim.IGAMMA);
  public static final Pointwise IGAMMAC = real2("igammac", Prim.IGAMMAC);
  public static final Pointwise I0 = real("i0", Prim.I0);

  public static final Pointwise I0E = special("i0e", Prim.I0E);
  public static final Pointwise I1 = special("i1", Prim.I1);
  public static final Pointwise I1E = special("i1e", Prim.I1E);
  public static final Pointwise ERFCX = special("erfcx", Prim.ERFCX);
  public static final Pointwise NDTR = special("ndtr", Prim.NDTR);
  public static final Pointwise NDTRI = special("ndtri", Prim.NDTRI);
  public static final Pointwise LOG_NDTR = special("log_ndtr", Prim.LOG_NDTR);
  public static final Pointwise BESSEL_J0 = special("bessel_j0", Prim.BESSEL_J0);
  public static final Pointwise BESSEL_J1 = special("bessel_j1", Prim.BESSEL_J1);
  public static final Pointwise BESSEL_Y0 = special("bessel_y0", Prim.BESSEL_Y0);
  public static final Pointwise BESSEL_Y1 = special("bessel_y1", Prim.BESSEL_Y1);
  public static final Pointwise MODIFIED_I0 = special("modified_bessel_i0", Prim.I0);
  public static final Pointwise MODIFIED_I1 = special("modified_bessel_i1", Prim.I1);
  public static final Pointwise MODIFIED_K0 = special("modified_bessel_k0", Prim.BESSEL_K0);
  public static final Pointwise MODIFIED_K1 = special("modified_bessel_k1", Prim.BESSEL_K1);
  public static final Pointwise SCALED_K0 = special("scaled_modified_bessel_k0", Prim.SCALED_K0);
  public static final Pointwise SCALED_K1 = special("scaled_modified_bessel_k1", Prim.SCALED_K1);
  public static final Pointwise AIRY_AI = special("airy_ai", Prim.AIRY);

  /** sin(x) / x, and 1 at 0. */
  public static final Pointwise SPHERICAL_BESSEL_J0 =
      unary("special.spherical_bessel_j0", x -> x.eq(of(0)).where(of(1), x.sin().div(x)))
          .as(Types.FLOAT);

  /** -x log x above 0, 0 at 0, minus infinity below. */
  public static final Pointwise ENTR =
      unary(
              "special.entr",
              x ->
                  x.eq(of(0))
                      .where(
                          of(0),
                          x.lt(of(0)).where(of(Double.NEGATIVE_INFINITY), x.neg().mul(x.log()))))
          .as(Types.FLOAT)
          .withGradient((g, x, y) -> g.mul(x.log().add(1).neg()));

  /** a log(1 + b), and 0 where a is 0 and b a number. */
  public static final Pointwise XLOG1PY =
      ElementaryOps.times("special.xlog1py", b -> b.apply(Prim.LOG1P), b -> b.add(1));

  /** Hurwitz's zeta function. */
  public static final Pointwise ZETA = special2("zeta", Prim.ZETA);

  public static final Pointwise CHEBYSHEV_T = special2("chebyshev_polynomial_t", Prim.CHEBYSHEV_T);
  public static final Pointwise CHEBYSHEV_U = special2("chebyshev_polynomial_u", Prim.CHEBYSHEV_U);
  public static final Pointwise CHEBYSHEV_V = special2("chebyshev_polynomial_v", Prim.CHEBYSHEV_V);
  public static final Pointwise CHEBYSHEV_W = special2("chebyshev_polynomial_w", Prim.CHEBYSHEV_W);
  public static final Pointwise SHIFTED_CHEBYSHEV_T =
      shifted("shifted_chebyshev_polynomial_t", Prim.CHEBYSHEV_T);
  public static final Pointwise SHIFTED_CHEBYSHEV_U =
      shifted("shifted_chebyshev_polynomial_u", Prim.CHEBYSHEV_U);
  public static final Pointwise SHIFTED_CHEBYSHEV_V =
      shifted("shifted_chebyshev_polynomial_v", Prim.CHEBYSHEV_V);
  public static final Pointwise SHIFTED_CHEBYSHEV_W =
      shifted("shifted_chebyshev_polynomial_w", Prim.CHEBYSHEV_W);
  public static final Pointwise HERMITE_H = special2("hermite_polynomial_h", Prim.HERMITE_H);
  public static final Pointwise HERMITE_HE = special2("hermite_polynomial_he", Prim.HERMITE_HE);
  public static final Pointwise LAGUERRE = special2("laguerre_polynomial_l", Prim.LAGUERRE);
  public static final Pointwise LEGENDRE = special2("legendre_polynomial_p", Prim.LEGENDRE);

  private SpecialOps() {}

  private static Pointwise real(String name, Prim prim) {
    return unary(name, x -> x.apply(prim)).as(Types.FLOAT);
  }

  private static Pointwise real2(String name, Prim prim) {
    return binary(name, (a, b) -> a.apply(prim, b)).as(Types.FLOAT);
  }

  private static Pointwise special(String name, Prim prim) {
    return real("special." + name, prim);
  }

  private static Pointwise special2(String name, Prim prim) {
    return real2("special." + name, prim);
  }

  private static Pointwise shifted(String name, Prim prim) {
    return binary("special." + name, (x, n) -> x.mul(2).sub(1).apply(prim, n)).as(Types.FLOAT);
  }

  /** The n-th derivative of digamma. */
  public static Pointwise polygamma(long n) {
    return unary("polygamma", x -> of(n).apply(Prim.POLYGAMMA, x)).as(Types.FLOAT);
  }

  /** The logarithm of the multivariate gamma function of dimension p. */
  public static Pointwise mvlgamma(int p) {
    return unary(
            "mvlgamma",
            x -> {
              Expr sum = of(p * (p - 1) / 4.0 * Math.log(Math.PI));
              for (int i = 0; i < p; i++) {
                sum = sum.add(x.sub(i / 2.0).apply(Prim.LGAMMA));
              }
              return sum;
            })
        .as(Types.FLOAT);
  }

  /** log(x / (1 - x)); with eps, of x clamped to [eps, 1 - eps]. */
  public static Pointwise logit(OptionalDouble eps) {
    Expr one = of(1);
    if (eps.isEmpty()) {
      return unary("logit", x -> x.div(one.sub(x)).log())
          .as(Types.FLOAT)
          .withGradient((g, x, y) -> g.div(x.mul(one.sub(x))));
    }
    Expr low = of(eps.getAsDouble());
    Expr high = of(1 - eps.getAsDouble());
    return unary(
            "logit",
            x -> {
              Expr z = x.lt(low).where(low, high.lt(x).where(high, x));
              return z.div(one.sub(z)).log();
            })
        .as(Types.FLOAT)
        .withGradient((g, x, y) -> x.lt(low).or(high.lt(x)).where(of(0), g.div(x.mul(one.sub(x)))));
  }
}
