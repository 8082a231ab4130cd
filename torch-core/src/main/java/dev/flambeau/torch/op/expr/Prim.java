package dev.flambeau.torch.op.expr;

import java.util.List;
import java.util.function.BiFunction;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * The scalar primitives, one row each: meaning on real numbers, meaning on integers (absent: reals
 * only), and partial derivatives in terms of the arguments {@code a} and the call itself. Truth is
 * 1 and 0. Derivatives of steps are 0, as in PyTorch.
 */
public enum Prim {
  ADD((a, b) -> a + b, (a, b) -> a + b, (a, y) -> p(1, 1)),
  SUB((a, b) -> a - b, (a, b) -> a - b, (a, y) -> p(1, -1)),
  MUL((a, b) -> a * b, (a, b) -> a * b, (a, y) -> p(a.get(1), a.get(0))),
  /** True division; on integers it truncates (callers promote to float for PyTorch's div). */
  DIV(
      (a, b) -> a / b,
      (a, b) -> b == 0 ? 0 : a / b,
      (a, y) -> p(Expr.of(1).div(a.get(1)), a.get(0).div(a.get(1).square()).neg())),
  FLOOR_DIV((a, b) -> Math.floor(a / b), (a, b) -> b == 0 ? 0 : Math.floorDiv(a, b), steps()),
  /** Sign of the divisor; PyTorch: remainder. */
  REMAINDER(
      Scalars::remainder,
      (a, b) -> b == 0 ? 0 : Math.floorMod(a, b),
      (a, y) -> p(Expr.of(1), a.get(0).floorDiv(a.get(1)).neg())),
  /** Sign of the dividend; PyTorch: fmod. */
  FMOD(
      (a, b) -> a % b,
      (a, b) -> b == 0 ? 0 : a % b,
      (a, y) -> p(Expr.of(1), a.get(0).div(a.get(1)).trunc().neg())),
  POW(
      Math::pow,
      Scalars::power,
      (a, y) ->
          p(
              a.get(1)
                  .eq(Expr.of(0))
                  .where(Expr.of(0), a.get(1).mul(a.get(0).pow(a.get(1).sub(1)))),
              a.get(0)
                  .eq(Expr.of(0))
                  .and(a.get(1).ge(Expr.of(0)))
                  .where(Expr.of(0), y.mul(a.get(0).log())))),
  /** NaN if either is; equal arguments share the gradient, as PyTorch's minimum. */
  MIN(Math::min, Math::min, (a, y) -> ties(a.get(0), a.get(1))),
  MAX(Math::max, Math::max, (a, y) -> ties(a.get(1), a.get(0))),
  ATAN2(
      Math::atan2,
      null,
      (a, y) -> {
        Expr r = a.get(0).square().add(a.get(1).square());
        return p(a.get(1).div(r), a.get(0).div(r).neg());
      }),
  LT((a, b) -> a < b ? 1 : 0, (a, b) -> a < b ? 1 : 0, steps()),
  LE((a, b) -> a <= b ? 1 : 0, (a, b) -> a <= b ? 1 : 0, steps()),
  EQ((a, b) -> a == b ? 1 : 0, (a, b) -> a == b ? 1 : 0, steps()),
  NE((a, b) -> a != b ? 1 : 0, (a, b) -> a != b ? 1 : 0, steps()),
  /** Logical: arguments are compared with 0. */
  AND((a, b) -> a != 0 && b != 0 ? 1 : 0, (a, b) -> a != 0 && b != 0 ? 1 : 0, steps()),
  OR((a, b) -> a != 0 || b != 0 ? 1 : 0, (a, b) -> a != 0 || b != 0 ? 1 : 0, steps()),
  BIT_AND(null, (a, b) -> a & b, steps()),
  BIT_OR(null, (a, b) -> a | b, steps()),
  BIT_XOR(null, (a, b) -> a ^ b, steps()),
  NEG(a -> -a, a -> -a, (a, y) -> p(-1)),
  ABS(Math::abs, Math::abs, (a, y) -> p(a.get(0).sign())),
  SIGN(Math::signum, a -> Long.signum(a), zero()),
  FLOOR(Math::floor, a -> a, zero()),
  CEIL(Math::ceil, a -> a, zero()),
  /** Half to even. */
  ROUND(Math::rint, a -> a, zero()),
  TRUNC(a -> a < 0 ? Math.ceil(a) : Math.floor(a), a -> a, zero()),
  NOT(a -> a == 0 ? 1 : 0, a -> a == 0 ? 1 : 0, zero()),
  IS_NAN(a -> a != a ? 1 : 0, a -> 0, zero()),
  EXP(Math::exp, null, (a, y) -> p(y)),
  EXPM1(Math::expm1, null, (a, y) -> p(y.add(1))),
  LOG(Math::log, null, (a, y) -> p(Expr.of(1).div(a.get(0)))),
  LOG1P(Math::log1p, null, (a, y) -> p(Expr.of(1).div(a.get(0).add(1)))),
  SQRT(Math::sqrt, null, (a, y) -> p(Expr.of(0.5).div(y))),
  SIN(Math::sin, null, (a, y) -> p(a.get(0).cos())),
  COS(Math::cos, null, (a, y) -> p(a.get(0).sin().neg())),
  TAN(Math::tan, null, (a, y) -> p(y.square().add(1))),
  ASIN(Math::asin, null, (a, y) -> p(Expr.of(1).div(Expr.of(1).sub(a.get(0).square()).sqrt()))),
  ACOS(Math::acos, null, (a, y) -> p(Expr.of(-1).div(Expr.of(1).sub(a.get(0).square()).sqrt()))),
  ATAN(Math::atan, null, (a, y) -> p(Expr.of(1).div(a.get(0).square().add(1)))),
  SINH(Math::sinh, null, (a, y) -> p(a.get(0).cosh())),
  COSH(Math::cosh, null, (a, y) -> p(a.get(0).sinh())),
  TANH(Math::tanh, null, (a, y) -> p(Expr.of(1).sub(y.square()))),
  SIGMOID(a -> 1 / (1 + Math.exp(-a)), null, (a, y) -> p(y.mul(Expr.of(1).sub(y)))),
  ERF(Erf::erf, null, (a, y) -> p(a.get(0).square().neg().exp().mul(2 / Math.sqrt(Math.PI)))),
  ERFC(Erf::erfc, null, (a, y) -> p(a.get(0).square().neg().exp().mul(-2 / Math.sqrt(Math.PI)))),
  ERFCX(Erf::erfcx, null, (a, y) -> p(a.get(0).mul(y).mul(2).sub(2 / Math.sqrt(Math.PI)))),
  ERFINV(Erf::erfinv, null, (a, y) -> p(y.square().exp().mul(Math.sqrt(Math.PI) / 2))),
  /** {@link #NDTR} as an absolute error of 1e-7 allows it in F32: what activations need. */
  PHI(Erf::ndtr, null, (a, y) -> normalDensity(a)),
  NDTR(Erf::ndtr, null, (a, y) -> normalDensity(a)),
  LOG_NDTR(
      Erf::logNdtr,
      null,
      (a, y) -> p(Expr.of(Math.sqrt(2 / Math.PI)).div(a.get(0).mul(-Math.sqrt(0.5)).apply(ERFCX)))),
  NDTRI(Erf::ndtri, null, (a, y) -> p(y.square().mul(0.5).exp().mul(Math.sqrt(2 * Math.PI)))),
  EXP2(a -> Math.pow(2, a), null, (a, y) -> p(y.mul(Math.log(2)))),
  LOG2(Scalars::log2, null, (a, y) -> p(Expr.of(1 / Math.log(2)).div(a.get(0)))),
  LOG10(Math::log10, null, (a, y) -> p(Expr.of(1 / Math.log(10)).div(a.get(0)))),
  ASINH(Scalars::asinh, null, (a, y) -> p(Expr.of(1).div(a.get(0).square().add(1).sqrt()))),
  ACOSH(Scalars::acosh, null, (a, y) -> p(Expr.of(1).div(a.get(0).square().sub(1).sqrt()))),
  ATANH(
      a -> (Math.log1p(a) - Math.log1p(-a)) / 2,
      null,
      (a, y) -> p(Expr.of(1).div(Expr.of(1).sub(a.get(0).square())))),
  HYPOT(Math::hypot, null, (a, y) -> p(a.get(0).div(y), a.get(1).div(y))),
  /** The magnitude of the first with the sign of the second. */
  COPYSIGN(
      Math::copySign,
      null,
      (a, y) -> p(a.get(0).eq(Expr.of(0)).where(Expr.of(0), y.div(a.get(0))), Expr.of(0))),
  /** The neighbour of the first in the direction of the second; kernels use their own type. */
  NEXTAFTER(Math::nextAfter, null, missing()),
  SIGNBIT(a -> Math.copySign(1, a) < 0 ? 1 : 0, a -> a < 0 ? 1 : 0, zero()),
  /** The e with |a| = m 2^e and m in [1/2, 1). */
  EXPONENT(Scalars::exponent, null, zero()),
  /** a / 2^e with e as {@link #EXPONENT}. */
  MANTISSA(
      a -> Math.scalb(a, (int) -Scalars.exponent(a)),
      null,
      (a, y) -> p(a.get(0).apply(EXPONENT).neg().apply(EXP2))),
  LGAMMA(Gamma::lgamma, null, (a, y) -> p(digamma(a.get(0)))),
  DIGAMMA(Gamma::digamma, null, (a, y) -> p(polygamma(Expr.of(1), a.get(0)))),
  /** Derivative number {@code a} of {@link #DIGAMMA} at b. */
  POLYGAMMA(
      Gamma::polygamma, null, (a, y) -> new Expr[] {null, polygamma(a.get(0).add(1), a.get(1))}),
  ZETA(Gamma::zeta, null, missing()),
  IGAMMA(Gamma::igamma, null, (a, y) -> new Expr[] {null, gammaDensity(a)}),
  IGAMMAC(Gamma::igammac, null, (a, y) -> new Expr[] {null, gammaDensity(a).neg()}),
  I0(a -> Bessel.i(0, a), null, (a, y) -> p(i1(a.get(0)))),
  I0E(a -> Bessel.scaledI(0, a), null, (a, y) -> p(i1e(a.get(0)).sub(a.get(0).sign().mul(y)))),
  I1(
      a -> Bessel.i(1, a),
      null,
      (a, y) -> {
        Expr x = a.get(0);
        return p(x.eq(Expr.of(0)).where(Expr.of(0.5), i0(x).sub(y.div(x))));
      }),
  I1E(
      a -> Bessel.scaledI(1, a),
      null,
      (a, y) -> {
        Expr x = a.get(0);
        Expr slope = i0e(x).sub(y.mul(x.sign().add(Expr.of(1).div(x))));
        return p(x.eq(Expr.of(0)).where(Expr.of(0.5), slope));
      }),
  BESSEL_J0(a -> Bessel.j(0, a), null, missing()),
  BESSEL_J1(a -> Bessel.j(1, a), null, missing()),
  BESSEL_Y0(a -> Bessel.y(0, a), null, missing()),
  BESSEL_Y1(a -> Bessel.y(1, a), null, missing()),
  BESSEL_K0(a -> Bessel.k(0, a), null, missing()),
  BESSEL_K1(a -> Bessel.k(1, a), null, missing()),
  SCALED_K0(a -> Bessel.scaledK(0, a), null, missing()),
  SCALED_K1(a -> Bessel.scaledK(1, a), null, missing()),
  AIRY(Bessel::airy, null, missing()),
  CHEBYSHEV_T(Polynomials::chebyshevT, null, missing()),
  CHEBYSHEV_U(Polynomials::chebyshevU, null, missing()),
  CHEBYSHEV_V(Polynomials::chebyshevV, null, missing()),
  CHEBYSHEV_W(Polynomials::chebyshevW, null, missing()),
  HERMITE_H(Polynomials::hermiteH, null, missing()),
  HERMITE_HE(Polynomials::hermiteHe, null, missing()),
  LAGUERRE(Polynomials::laguerre, null, missing()),
  LEGENDRE(Polynomials::legendre, null, missing()),
  GCD(null, Scalars::gcd, steps()),
  LCM(null, (a, b) -> a == 0 || b == 0 ? 0 : Math.abs(a / Scalars.gcd(a, b) * b), steps()),
  SHIFT_LEFT(null, (a, b) -> b < 0 || b > 63 ? 0 : a << b, steps()),
  SHIFT_RIGHT(null, (a, b) -> a >> (b < 0 || b > 63 ? 63 : b), steps());

  private final int arity;
  private final DoubleBinaryOperator real;
  private final LongBinaryOperator integer;
  private final BiFunction<List<Expr>, Expr, Expr[]> partials;

  Prim(
      DoubleBinaryOperator real,
      LongBinaryOperator integer,
      BiFunction<List<Expr>, Expr, Expr[]> partials) {
    this.arity = 2;
    this.real = real;
    this.integer = integer;
    this.partials = partials;
  }

  Prim(
      DoubleUnaryOperator real,
      LongUnaryOperator integer,
      BiFunction<List<Expr>, Expr, Expr[]> partials) {
    this.arity = 1;
    this.real = (a, _) -> real.applyAsDouble(a);
    this.integer = integer == null ? null : (a, _) -> integer.applyAsLong(a);
    this.partials = partials;
  }

  public int arity() {
    return arity;
  }

  /** Whether it is defined on integers. */
  public boolean onIntegers() {
    return integer != null;
  }

  /** Whether it is defined on real numbers. */
  public boolean onReals() {
    return real != null;
  }

  /** The value on reals; a unary primitive ignores {@code b}. */
  public double real(double a, double b) {
    return real.applyAsDouble(a, b);
  }

  /** The value on integers; a unary primitive ignores {@code b}. */
  public long integer(long a, long b) {
    return integer.applyAsLong(a, b);
  }

  /** The partial derivative by each argument, null if unknown; {@code self} is the call itself. */
  public Expr[] partials(List<Expr> args, Expr self) {
    return partials.apply(args, self);
  }

  private static Expr[] p(Expr... partials) {
    return partials;
  }

  private static Expr[] p(double... values) {
    Expr[] out = new Expr[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = Expr.of(values[i]);
    }
    return out;
  }

  private static BiFunction<List<Expr>, Expr, Expr[]> steps() {
    return (_, _) -> p(0, 0);
  }

  /** Derivatives that are not known. */
  private static BiFunction<List<Expr>, Expr, Expr[]> missing() {
    return (_, _) -> new Expr[2];
  }

  private static BiFunction<List<Expr>, Expr, Expr[]> zero() {
    return (_, _) -> p(0.0);
  }

  /** 1 for the smaller, 0 for the larger, a half each where they are equal. */
  private static Expr[] ties(Expr small, Expr large) {
    Expr half = small.eq(large).where(Expr.of(0.5), Expr.of(0));
    Expr first = small.lt(large).where(Expr.of(1), half);
    return p(first, Expr.of(1).sub(first));
  }

  private static Expr digamma(Expr x) {
    return x.apply(DIGAMMA);
  }

  private static Expr polygamma(Expr n, Expr x) {
    return n.apply(POLYGAMMA, x);
  }

  private static Expr i0(Expr x) {
    return x.apply(I0);
  }

  private static Expr i0e(Expr x) {
    return x.apply(I0E);
  }

  private static Expr i1(Expr x) {
    return x.apply(I1);
  }

  private static Expr i1e(Expr x) {
    return x.apply(I1E);
  }

  private static Expr[] normalDensity(List<Expr> args) {
    return p(args.get(0).square().mul(-0.5).exp().mul(1 / Math.sqrt(2 * Math.PI)));
  }

  /** x^(a-1) exp(-x) / gamma(a). */
  private static Expr gammaDensity(List<Expr> args) {
    Expr a = args.get(0);
    Expr x = args.get(1);
    return a.sub(1).mul(x.log()).sub(x).sub(a.apply(LGAMMA)).exp();
  }
}
