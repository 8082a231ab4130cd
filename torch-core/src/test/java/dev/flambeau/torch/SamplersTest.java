package dev.flambeau.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Distributions against their moments and quantiles, and the saved state of generators. */
class SamplersTest {
  private static final int N = 40_000;

  private static Tensor empty() {
    return Torch.empty(DType.F64, N);
  }

  private static void near(double wanted, double got, double tolerance) {
    assertTrue(Math.abs(wanted - got) <= tolerance, () -> "got " + got + ", expected " + wanted);
  }

  @Test
  void momentsAndQuantiles() {
    Generator g = new Generator(5);
    Tensor exponential = empty().exponential_(2, g);
    near(0.5, exponential.mean().item(), 0.01);
    near(0.5, exponential.std().item(), 0.02);
    near(Math.log(2) / 2, exponential.median().item(), 0.01);
    Tensor logNormal = empty().logNormal_(0.5, 0.25, g);
    near(0.5, logNormal.log().mean().item(), 0.01);
    near(0.25, logNormal.log().std().item(), 0.01);
    Tensor cauchy = empty().cauchy_(1, 3, g);
    near(1, cauchy.quantile(0.5).item(), 0.1);
    near(4, cauchy.quantile(0.75).item(), 0.2);
    Tensor geometric = Torch.empty(DType.I64, N).geometric_(0.2, g);
    near(5, geometric.to(DType.F64).mean().item(), 0.1);
    assertEquals(1, geometric.min().itemLong());
    Tensor p = Torch.linspace(0, 1, 5).unsqueeze(1).expand(5, N);
    near(0.25, p.bernoulli(g).mean(1).at(1), 0.01);
    assertEquals(0, p.bernoulli(g).at(0, 7));
    assertEquals(1, p.bernoulli(g).at(4, 7));
  }

  @Test
  void multinomial() {
    Generator g = new Generator(6);
    Tensor weights = Torch.tensor(new double[] {1, 0, 3, 6, 4, 0, 2, 0}, 2, 4);
    Tensor drawn = weights.multinomial(N, true, g);
    assertEquals(Shape.of(2, N), drawn.shape());
    for (int row = 0; row < 2; row++) {
      Tensor share = drawn.get(row).bincount(4).to(DType.F64).div(N);
      Tensor wanted = weights.get(row).div(weights.get(row).sum());
      assertTrue(share.allclose(wanted, 0, 0.01, false), share::toString);
    }
    Tensor race = weights.expand(2, 4).multinomial(2, false, g);
    assertTrue(race.get(1).sort(0, false).values().equalTo(Torch.tensor(new long[] {0, 2})));
    assertThrows(TorchException.ArgumentError.class, () -> weights.multinomial(3, false));
    assertThrows(TorchException.ArgumentError.class, () -> weights.neg().multinomial(1, true));
    assertThrows(TorchException.ArgumentError.class, () -> Torch.zeros(3).multinomial(1, true));
  }

  @Test
  void stateGoesOn() {
    for (int draws : new int[] {0, 1, 5, 623, 624, 625, 2000}) {
      Generator a = new Generator(11);
      for (int i = 0; i < draws; i++) {
        a.bits32();
      }
      a.normal();
      Tensor state = a.state();
      assertEquals(Shape.of(5056), state.shape());
      Generator b = new Generator(1).setState(state);
      assertEquals(a.normal(), b.normal());
      for (int i = 0; i < 700; i++) {
        assertEquals(a.bits32(), b.bits32());
      }
      assertEquals(11, b.seed());
    }
    Generator g = new Generator(1);
    assertThrows(TorchException.ShapeError.class, () -> g.setState(Torch.zeros(5056)));
    assertThrows(TorchException.ArgumentError.class, () -> g.setState(Torch.zeros(DType.U8, 5056)));
  }
}
