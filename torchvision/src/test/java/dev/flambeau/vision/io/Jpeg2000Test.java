package dev.flambeau.vision.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files that OpenJPEG 2.5 made of a picture whose pixel (x, y) has in channel k the value (7 x + 13
 * y + 50 k + x y mod 17) mod 256: 41 x 29 pixels, without loss where nothing else is said.
 */
class Jpeg2000Test {
  private static final int WIDTH = 41;
  private static final int HEIGHT = 29;
  private static final int FUZZ = Integer.getInteger("flambeau.fuzz", 200);

  private static byte[] file(String name) throws IOException {
    try (InputStream in = Jpeg2000Test.class.getResourceAsStream("jpeg2000/" + name)) {
      return in.readAllBytes();
    }
  }

  private static int pixel(int x, int y, int k) {
    return (x * 7 + y * 13 + k * 50 + x * y % 17) % 256;
  }

  /** The largest difference from the formula. */
  private static int worst(Tensor picture, boolean grey) {
    assertEquals(3, picture.size(0));
    assertEquals(HEIGHT, picture.size(1));
    assertEquals(WIDTH, picture.size(2));
    byte[] got = picture.toByteArray();
    int worst = 0;
    for (int k = 0; k < 3; k++) {
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
          int value = got[(k * HEIGHT + y) * WIDTH + x] & 0xff;
          worst = Math.max(worst, Math.abs(value - pixel(x, y, grey ? 0 : k)));
        }
      }
    }
    return worst;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain.jp2",
        "modes.jp2",
        "bypass.jp2",
        "ends.jp2",
        "order.jp2",
        "offset.jp2",
        "precincts.jp2",
        "region.jp2",
        "layers.jp2",
        "tiles.jp2",
        "alpha.jp2"
      })
  void withoutLoss(String name) throws IOException {
    assertEquals(0, worst(Images.decode(file(name), name, true), false));
  }

  @Test
  void otherDepthsAndColours() throws IOException {
    assertEquals(0, worst(Images.decode(file("grey.j2k"), "grey", true), true));
    // 256 times the grey value, and 77.
    assertEquals(0, worst(Images.decode(file("deep.jp2"), "deep", true), true));
    // Its coefficients are rounded; OpenJPEG itself is off by 2.
    assertTrue(worst(Images.decode(file("floats.jp2"), "floats", true), false) <= 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain.jp2", "modes.jp2", "offset.jp2", "precincts.jp2", "floats.jp2"})
  void damaged(String name) throws IOException {
    byte[] whole = file(name);
    for (int length = 0; length < whole.length - 2; length += 7) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThrows(TorchException.class, () -> Images.decode(part, name, true));
    }
    long slowest = 0;
    for (int i = 0; i < FUZZ; i++) {
      Random random = new Random(i);
      byte[] bad = whole.clone();
      for (int k = random.nextInt(6); k >= 0; k--) {
        // Headers more often than data.
        int range = random.nextBoolean() ? bad.length : Math.min(200, bad.length);
        bad[random.nextInt(range)] = (byte) (random.nextInt(4) == 0 ? 255 : random.nextInt(256));
      }
      long start = System.nanoTime();
      try {
        Images.decode(bad, name, true);
      } catch (TorchException e) {
        assertTrue(e.getMessage().contains(name), e.getMessage());
      }
      slowest = Math.max(slowest, System.nanoTime() - start);
    }
    assertTrue(slowest < 5_000_000_000L, name + ": " + slowest / 1e9 + " s");
  }
}
