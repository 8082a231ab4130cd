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

/** Dropout of channels, and what keeps mean and variance. */
class DropoutTest {
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
}
