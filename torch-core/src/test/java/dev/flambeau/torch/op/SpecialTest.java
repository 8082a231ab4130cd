package dev.flambeau.torch.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Special;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import org.junit.jupiter.api.Test;

/** Identities the special functions satisfy, in F64, across the places where methods change. */
class SpecialTest {
  private static Tensor range(double low, double high) {
    return Torch.arange(2001).to(DType.F64).mul((high - low) / 2000).add(low);
  }

  private static void same(Tensor got, Tensor wanted, double tolerance) {
    Tensor gap = got.sub(wanted).abs().div(wanted.abs().add(1));
    assertTrue(gap.max().item() <= tolerance, () -> "the worst difference is " + gap.max().item());
  }

  @Test
  void wronskianOfBessel() {
    Tensor x = range(0.01, 60);
    Tensor left =
        Special.besselJ1(x)
            .mul(Special.besselY0(x))
            .sub(Special.besselJ0(x).mul(Special.besselY1(x)));
    same(left.mul(x), x.fullLike(2 / Math.PI), 1e-9);
  }

  @Test
  void wronskianOfModifiedBessel() {
    Tensor x = range(0.01, 60);
    Tensor left =
        Special.i1e(x)
            .mul(Special.scaledModifiedBesselK0(x))
            .add(x.i0().mul(x.neg().exp()).mul(Special.scaledModifiedBesselK1(x)));
    same(left.mul(x), x.onesLike(), 1e-12);
    same(Special.modifiedBesselK1(x).mul(x.exp()), Special.scaledModifiedBesselK1(x), 1e-11);
  }

  @Test
  void airySolvesItsEquation() {
    double h = 1e-3;
    Tensor x = range(-12, 6);
    Tensor middle = Special.airyAi(x);
    Tensor second =
        Special.airyAi(x.add(h)).add(Special.airyAi(x.sub(h))).sub(middle.mul(2)).div(h * h);
    same(second, x.mul(middle), 2e-4);
  }

  @Test
  void gammaRecurs() {
    Tensor x = range(0.05, 40);
    same(x.add(1).lgamma(), x.lgamma().add(x.log()), 1e-13);
    same(x.add(1).digamma(), x.digamma().add(x.reciprocal()), 1e-12);
    same(x.add(1).polygamma(2), x.polygamma(2).add(x.pow(-3).mul(2)), 1e-10);
    Tensor negative = range(-7.95, -7.05);
    same(negative.add(1).lgamma(), negative.lgamma().add(negative.abs().log()), 1e-12);
    assertEquals(Math.PI * Math.PI / 6, Torch.ones(DType.F64).polygamma(1).item(), 1e-14);
  }

  @Test
  void incompleteGammaAddsUp() {
    Tensor a = range(0.1, 30);
    for (double x : new double[] {0.01, 1, 7, 29, 80}) {
      Tensor at = a.fullLike(x);
      same(a.igamma(at).add(a.igammac(at)), a.onesLike(), 1e-14);
      // P(a + 1, x) = P(a, x) - x^a exp(-x) / gamma(a + 1)
      Tensor step = a.mul(Math.log(x)).sub(x).sub(a.add(1).lgamma()).exp();
      same(a.add(1).igamma(at), a.igamma(at).sub(step), 1e-13);
    }
  }

  @Test
  void inversesInvert() {
    Tensor x = range(-5, 5);
    same(x.erf().erfinv().erf(), x.erf(), 1e-15);
    same(Special.ndtri(Special.ndtr(x)), x, 1e-9);
    same(Special.logNdtr(x), Special.ndtr(x).log(), 1e-13);
    Tensor p = range(-250, -1).exp();
    same(Special.logNdtr(Special.ndtri(p)), p.log(), 1e-12);
    same(x.abs().mul(3).erfc(), Special.erfcx(x.abs().mul(3)).mul(x.square().mul(-9).exp()), 1e-14);
  }

  @Test
  void polynomialsAtTheirTrigonometricForms() {
    Tensor angle = range(0.01, 3.13);
    Tensor x = angle.cos();
    for (int n = 0; n < 12; n++) {
      Tensor degree = x.fullLike(n);
      same(Special.chebyshevPolynomialT(x, degree), angle.mul(n).cos(), 1e-12);
      same(Special.chebyshevPolynomialU(x, degree), angle.mul(n + 1).sin().div(angle.sin()), 1e-12);
      Tensor half = angle.mul(0.5);
      same(
          Special.chebyshevPolynomialV(x, degree), angle.mul(n + 0.5).cos().div(half.cos()), 1e-11);
      same(
          Special.chebyshevPolynomialW(x, degree), angle.mul(n + 0.5).sin().div(half.sin()), 1e-11);
    }
  }

  @Test
  void zetaRecurs() {
    Tensor q = range(0.05, 25);
    for (double s : new double[] {1.5, 2, 5, 11}) {
      Tensor power = q.fullLike(s);
      same(Special.zeta(power, q.add(1)).add(q.pow(-s)), Special.zeta(power, q), 1e-13);
    }
  }
}
