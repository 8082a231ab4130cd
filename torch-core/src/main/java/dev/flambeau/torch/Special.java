package dev.flambeau.torch;

import dev.flambeau.torch.op.SpecialOps;

/** Special functions of each element, F32 for integers. PyTorch: {@code torch.special}. */
public final class Special {
  private Special() {}

  /** -x log x. */
  public static Tensor entr(Tensor x) {
    return x.apply(SpecialOps.ENTR);
  }

  /** exp(x^2) erfc(x). */
  public static Tensor erfcx(Tensor x) {
    return x.apply(SpecialOps.ERFCX);
  }

  /** exp(-|x|) I0(x). */
  public static Tensor i0e(Tensor x) {
    return x.apply(SpecialOps.I0E);
  }

  /** Modified Bessel function of order 1. */
  public static Tensor i1(Tensor x) {
    return x.apply(SpecialOps.I1);
  }

  /** exp(-|x|) I1(x). */
  public static Tensor i1e(Tensor x) {
    return x.apply(SpecialOps.I1E);
  }

  /** The distribution function of the standard normal distribution. */
  public static Tensor ndtr(Tensor x) {
    return x.apply(SpecialOps.NDTR);
  }

  /** The inverse of {@link #ndtr}. */
  public static Tensor ndtri(Tensor x) {
    return x.apply(SpecialOps.NDTRI);
  }

  /** log(ndtr(x)). */
  public static Tensor logNdtr(Tensor x) {
    return x.apply(SpecialOps.LOG_NDTR);
  }

  /** Bessel function of the first kind of order 0. */
  public static Tensor besselJ0(Tensor x) {
    return x.apply(SpecialOps.BESSEL_J0);
  }

  /** Bessel function of the first kind of order 1. */
  public static Tensor besselJ1(Tensor x) {
    return x.apply(SpecialOps.BESSEL_J1);
  }

  /** Bessel function of the second kind of order 0. */
  public static Tensor besselY0(Tensor x) {
    return x.apply(SpecialOps.BESSEL_Y0);
  }

  /** Bessel function of the second kind of order 1. */
  public static Tensor besselY1(Tensor x) {
    return x.apply(SpecialOps.BESSEL_Y1);
  }

  /** Modified Bessel function of the first kind of order 0. */
  public static Tensor modifiedBesselI0(Tensor x) {
    return x.apply(SpecialOps.MODIFIED_I0);
  }

  /** Modified Bessel function of the first kind of order 1. */
  public static Tensor modifiedBesselI1(Tensor x) {
    return x.apply(SpecialOps.MODIFIED_I1);
  }

  /** Modified Bessel function of the second kind of order 0. */
  public static Tensor modifiedBesselK0(Tensor x) {
    return x.apply(SpecialOps.MODIFIED_K0);
  }

  /** Modified Bessel function of the second kind of order 1. */
  public static Tensor modifiedBesselK1(Tensor x) {
    return x.apply(SpecialOps.MODIFIED_K1);
  }

  /** exp(x) K0(x). */
  public static Tensor scaledModifiedBesselK0(Tensor x) {
    return x.apply(SpecialOps.SCALED_K0);
  }

  /** exp(x) K1(x). */
  public static Tensor scaledModifiedBesselK1(Tensor x) {
    return x.apply(SpecialOps.SCALED_K1);
  }

  /** sin(x) / x. */
  public static Tensor sphericalBesselJ0(Tensor x) {
    return x.apply(SpecialOps.SPHERICAL_BESSEL_J0);
  }

  /** Airy's function of the first kind. */
  public static Tensor airyAi(Tensor x) {
    return x.apply(SpecialOps.AIRY_AI);
  }

  /** x log(1 + n), 0 where x is 0. */
  public static Tensor xlog1py(Tensor x, Tensor n) {
    return x.apply(SpecialOps.XLOG1PY, n);
  }

  /** Hurwitz's zeta function, the sum of (n + k)^-x over k = 0, 1, ... */
  public static Tensor zeta(Tensor x, Tensor n) {
    return x.apply(SpecialOps.ZETA, n);
  }

  /** Chebyshev's polynomial T of degree n. */
  public static Tensor chebyshevPolynomialT(Tensor x, Tensor n) {
    return x.apply(SpecialOps.CHEBYSHEV_T, n);
  }

  /** Chebyshev's polynomial U of degree n. */
  public static Tensor chebyshevPolynomialU(Tensor x, Tensor n) {
    return x.apply(SpecialOps.CHEBYSHEV_U, n);
  }

  /** Chebyshev's polynomial V of degree n. */
  public static Tensor chebyshevPolynomialV(Tensor x, Tensor n) {
    return x.apply(SpecialOps.CHEBYSHEV_V, n);
  }

  /** Chebyshev's polynomial W of degree n. */
  public static Tensor chebyshevPolynomialW(Tensor x, Tensor n) {
    return x.apply(SpecialOps.CHEBYSHEV_W, n);
  }

  /** Chebyshev's polynomial T of degree n, at 2x - 1. */
  public static Tensor shiftedChebyshevPolynomialT(Tensor x, Tensor n) {
    return x.apply(SpecialOps.SHIFTED_CHEBYSHEV_T, n);
  }

  /** Chebyshev's polynomial U of degree n, at 2x - 1. */
  public static Tensor shiftedChebyshevPolynomialU(Tensor x, Tensor n) {
    return x.apply(SpecialOps.SHIFTED_CHEBYSHEV_U, n);
  }

  /** Chebyshev's polynomial V of degree n, at 2x - 1. */
  public static Tensor shiftedChebyshevPolynomialV(Tensor x, Tensor n) {
    return x.apply(SpecialOps.SHIFTED_CHEBYSHEV_V, n);
  }

  /** Chebyshev's polynomial W of degree n, at 2x - 1. */
  public static Tensor shiftedChebyshevPolynomialW(Tensor x, Tensor n) {
    return x.apply(SpecialOps.SHIFTED_CHEBYSHEV_W, n);
  }

  /** Hermite's polynomial of degree n, of the physicists. */
  public static Tensor hermitePolynomialH(Tensor x, Tensor n) {
    return x.apply(SpecialOps.HERMITE_H, n);
  }

  /** Hermite's polynomial of degree n, of the statisticians. */
  public static Tensor hermitePolynomialHe(Tensor x, Tensor n) {
    return x.apply(SpecialOps.HERMITE_HE, n);
  }

  /** Laguerre's polynomial of degree n. */
  public static Tensor laguerrePolynomialL(Tensor x, Tensor n) {
    return x.apply(SpecialOps.LAGUERRE, n);
  }

  /** Legendre's polynomial of degree n. */
  public static Tensor legendrePolynomialP(Tensor x, Tensor n) {
    return x.apply(SpecialOps.LEGENDRE, n);
  }
}
