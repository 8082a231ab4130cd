package dev.flambeau.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Seeds of the generator; its streams are compared with PyTorch's in NetworksTest. */
class GeneratorTest {
  @Test
  void oneSeedOneStream() {
    Generator a = new Generator(7);
    Generator b = new Generator(7L | 1L << 32);
    for (int i = 0; i < 2000; i++) {
      assertEquals(a.bits32(), b.bits32());
    }
    a.normal();
    a.manualSeed(7);
    b.manualSeed(7);
    assertEquals(b.normal(), a.normal(), "a seed drops the kept normal number");
  }
}
