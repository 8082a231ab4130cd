package dev.flambeau.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * More than 2^31 elements: needs 12 GB and a minute, so only {@code -Dflambeau.soak=true} runs it.
 */
class LargeTensorTest {
  private static final long SIZE = (1L << 31) + 1000;

  @BeforeAll
  static void asked() {
    boolean soak = Boolean.getBoolean("flambeau.soak");
    if (!soak) {
      System.out.println("skipped: tensors of 2^31 elements; -Dflambeau.soak=true runs them");
    }
    Assumptions.assumeTrue(soak, "-Dflambeau.soak=true");
  }

  @Test
  void bytesBeyondTheLastInt() {
    try (var _ = Scope.open()) {
      Tensor x = Torch.zeros(DType.U8, SIZE);
      assertEquals(SIZE, x.numel());
      x.narrow(0, SIZE - 3, 3).fill_(7);
      assertEquals(7, x.get(SIZE - 1).item());
      assertEquals(0, x.get(SIZE - 4).item());
      assertEquals(21, x.sum().item());
      assertEquals(SIZE - 3, x.argmax().item());
      assertEquals(3, x.eq(7).sum().item());
      Tensor copy = x.copy();
      assertEquals(7, copy.get(-1).item());
      Tensor every = x.slice(0, 1, SIZE, 1000);
      assertEquals((SIZE - 1 + 999) / 1000, every.numel());
      assertEquals(0, every.sum().item());
      assertEquals(49, x.view(2, SIZE / 2).get(1, -1).mul(7).item());
      TorchException e = assertThrows(TorchException.class, x::toFloatArray);
      assertTrue(e.getMessage().contains("" + SIZE), e.getMessage());
    }
  }

  @Test
  void floatsBeyondTheLastInt() {
    try (var _ = Scope.open()) {
      Tensor x = Torch.ones(DType.BF16, SIZE);
      x.narrow(0, SIZE - 1, 1).fill_(-2);
      Tensor y = x.add(x);
      assertEquals(-4, y.get(-1).item());
      assertEquals(2, y.get(0).item());
      assertEquals(-2, x.min().item());
      assertEquals(1, x.indexSelect(0, Torch.tensor(new long[] {0, SIZE - 2})).min().item());
    }
  }
}
