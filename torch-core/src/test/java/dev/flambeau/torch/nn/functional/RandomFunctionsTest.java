package dev.flambeau.torch.nn.functional;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import org.junit.jupiter.api.Test;

/** Dropout of channels, what keeps mean and variance, random slopes and windows. */
class RandomFunctionsTest {
  /** A channel is 0 as a whole or scaled as a whole, about half of them each. */
  @Test
  void wholeChannels() {
    Torch.manualSeed(1);
    Tensor y = F.featureDropout(Torch.ones(20, 30, 4, 5), 0.5, true).flatten(2);
    Tensor first = y.narrow(2, 0, 1);
    assertTrue(y.eq(first.expand(y.shape())).all().itemLong() == 1);
    assertTrue(y.eq(0).logicalOr(y.eq(2)).all().itemLong() == 1);
    assertEquals(0.5, first.eq(0).to(DType.F32).mean().item(), 0.06);
  }

  @Test
  void keepsMeanAndVariance() {
    Torch.manualSeed(2);
    Tensor x = Torch.randn(DType.F64, 100_000);
    Tensor y = F.alphaDropout(x, 0.3, true);
    assertEquals(0, y.mean().item(), 0.02);
    assertEquals(1, y.var().item(), 0.03);
    Tensor channels = F.featureAlphaDropout(x.reshape(1000, 100, 1), 0.3, true);
    assertEquals(1, channels.var().item(), 0.03);
  }

  @Test
  void limits() {
    Tensor x = Torch.randn(2, 3);
    assertSame(x, F.alphaDropout(x, 0.5, false));
    assertSame(x, F.featureDropout(x, 0, true));
    assertEquals(0, F.featureAlphaDropout(x, 1, true).abs().sum().item());
    assertThrows(TorchException.class, () -> F.alphaDropout(x, 1.5, true));
    assertThrows(TorchException.class, () -> F.featureDropout(Torch.ones(3), 0.5, true));
  }

  /** The slopes of negative elements lie in the interval; without training it is their mean. */
  @Test
  void randomSlopes() {
    Tensor x = Torch.tensor(new double[] {-1, 2, -4}).requiresGrad(true);
    Tensor y = F.rrelu(x, 0.25, 0.5, true);
    assertEquals(2, y.at(1));
    assertTrue(y.at(0) <= -0.25 && y.at(0) >= -0.5);
    y.sum().backward();
    assertEquals(y.at(2) / -4, x.grad().orElseThrow().at(2), 1e-12);
    assertEquals(-1.5, F.rrelu(x, 0.25, 0.5, false).at(2));
  }

  /** Where the distances are whole there is no choice. */
  @Test
  void fractionalPoolingOfMultiples() {
    Tensor x = Torch.randn(DType.F64, 2, 3, 8, 6).requiresGrad(true);
    var found = F.fractionalMaxPool(x, new long[] {2, 2}, 4, 3);
    Tensor plain = F.maxPool2d(x, 2);
    assertTrue(found.values().eq(plain).all().itemLong() == 1);
    found.values().sum().backward();
    assertEquals(2 * 3 * 4 * 3, x.grad().orElseThrow().sum().item());
    // Otherwise each value is at its place.
    Tensor y = Torch.randn(DType.F64, 3, 7, 9, 8);
    var other = F.fractionalMaxPool(y, new long[] {2, 3, 2}, 4, 5, 3);
    Tensor taken = y.flatten(1).gather(1, other.indices().flatten(1));
    assertTrue(taken.eq(other.values().flatten(1)).all().itemLong() == 1);
  }
}
