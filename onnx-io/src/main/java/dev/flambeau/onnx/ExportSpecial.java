package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Prim;
import java.util.List;

/** Special functions that ONNX lacks, computed in F64: near 1e-13 of our own. */
final class ExportSpecial {
  private static final double SQRT1_2 = Math.sqrt(0.5);

  private ExportSpecial() {}

  static String call(ExportGraph graph, Prim prim, List<Expr> args, List<String> in, DType type) {
    ExportValue x = new ExportValue(graph, in.getFirst()).to(DType.F64);
    ExportValue y = new ExportValue(graph, in.getLast()).to(DType.F64);
    ExportValue out =
        switch (prim) {
          case ERFC -> erfc(x);
          case ERFCX -> erfcx(x);
          case ERFINV -> erfinv(x);
          case NDTR -> erfc(x.mul(-SQRT1_2)).mul(0.5);
          case LOG_NDTR -> logNdtr(x);
          case NDTRI -> ndtri(x, type == DType.F64);
          case LGAMMA -> ExportGamma.lgamma(x);
          case DIGAMMA -> ExportGamma.digamma(x);
          case POLYGAMMA -> ExportGamma.polygamma(x, y, args.getFirst());
          case ZETA -> ExportGamma.zeta(x, y);
          case IGAMMA -> ExportGamma.incomplete(x, y, false);
          case IGAMMAC -> ExportGamma.incomplete(x, y, true);
          case I0, I0E, I1, I1E -> ExportBessel.first(prim, x);
          case BESSEL_J0, BESSEL_J1, BESSEL_Y0, BESSEL_Y1 -> ExportBessel.oscillating(prim, x);
          case BESSEL_K0, BESSEL_K1, SCALED_K0, SCALED_K1 -> ExportBessel.second(prim, x);
          case AIRY -> ExportBessel.airy(x);
          case CHEBYSHEV_T,
              CHEBYSHEV_U,
              CHEBYSHEV_V,
              CHEBYSHEV_W,
              HERMITE_H,
              HERMITE_HE,
              LAGUERRE,
              LEGENDRE ->
              ExportPolynomials.value(prim, x, y);
          default -> throw new ExportGraph.Hole("the primitive " + prim);
        };
    return out.to(type).name();
  }

  /** exp(x^2) erfc(x) from 0 on, over t = 2 / (x + 2) the exponential of a smooth function of t. */
  private static ExportValue scaled(ExportValue x) {
    ExportChebyshev log =
        new ExportChebyshev(0, 1, t -> Math.log(Prim.ERFCX.real(2 / t - 2, 0) / t));
    ExportValue t = x.add(2).under(2);
    return t.mul(log.at(t).exp());
  }

  static ExportValue erfc(ExportValue x) {
    ExportValue a = x.abs();
    ExportValue above = a.mul(a).neg().exp().mul(scaled(a));
    return x.lt(0).where(above.from(2), above);
  }

  private static ExportValue erfcx(ExportValue x) {
    ExportValue a = x.abs();
    ExportValue above = scaled(a);
    return x.lt(0).where(a.mul(a).exp().mul(2).sub(above), above);
  }

  private static ExportValue logNdtr(ExportValue x) {
    ExportValue t = x.mul(SQRT1_2);
    ExportValue low = scaled(t.abs()).mul(0.5).log().sub(t.mul(t));
    ExportValue rest = erfc(t).mul(0.5);
    ExportValue tiny = rest.add(rest.mul(rest).mul(0.5)).neg();
    return x.lt(-1).where(low, rest.lt(1e-6).where(tiny, rest.from(1).log()));
  }

  /** Through w = -log(1 - y^2), as Giles (2010, "Approximating the erfinv function"). */
  private static ExportValue erfinv(ExportValue y) {
    ExportValue a = y.abs();
    ExportValue w = a.from(1).mul(a.add(1)).log().neg();
    ExportChebyshev near = new ExportChebyshev(0, 5, v -> inverse(v) / Math.sqrt(-Math.expm1(-v)));
    ExportChebyshev far = new ExportChebyshev(Math.sqrt(5), 6.1, s -> inverse(s * s));
    ExportValue edge = a.eq(1).where(a.number(Double.POSITIVE_INFINITY), far.at(w.sqrt()));
    ExportValue value = w.lt(5).where(a.mul(near.at(w)), edge);
    return y.lt(0).where(value.neg(), value);
  }

  /** The x with 1 - erf(x)^2 = exp(-w). */
  private static double inverse(double w) {
    double y = Math.sqrt(-Math.expm1(-w));
    return w < 1
        ? Prim.ERFINV.real(y, 0)
        : -Prim.NDTRI.real(Math.exp(-w) / (1 + y) / 2, 0) * SQRT1_2;
  }

  private static ExportValue ndtri(ExportValue p, boolean wide) {
    ExportValue middle = erfinv(p.mul(2).sub(1)).mul(Math.sqrt(2));
    ExportValue tail = p.min(p.from(1));
    ExportValue s = tail.log().mul(-2).sqrt();
    ExportValue value = quantile(s, 1.6, 4);
    value = s.lt(4).where(value, quantile(s, 4, 16));
    value = wide ? s.lt(16).where(value, quantile(s, 16, 38)) : value;
    value = tail.eq(0).where(s.number(Double.POSITIVE_INFINITY), value);
    ExportValue signed = p.lt(0.5).where(value.neg(), value);
    return tail.lt(0.2).where(signed, middle);
  }

  private static ExportValue quantile(ExportValue s, double low, double high) {
    return new ExportChebyshev(low, high, v -> -Prim.NDTRI.real(Math.exp(-v * v / 2), 0)).at(s);
  }
}
