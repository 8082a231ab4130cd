package dev.flambeau.vision.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.TorchException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes are those of the pictures, and large ones are refused before they are decoded. */
class ImageSizesTest {
  private static byte[] encoded(String format, int width, int height, int... options) {
    try (Mat mat = new Mat(height, width, opencv_core.CV_8UC3, Scalar.all(77));
        BytePointer out = new BytePointer();
        IntPointer parameters = new IntPointer(options)) {
      assertTrue(opencv_imgcodecs.imencode(format, mat, out, parameters));
      byte[] bytes = new byte[(int) out.limit()];
      out.get(bytes);
      return bytes;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {".bmp", ".webp", ".tiff", ".ppm", ".ras"})
  void asWritten(String format) {
    assertEquals(Optional.of(new ImageSizes(211, 35)), ImageSizes.of(encoded(format, 211, 35)));
  }

  @Test
  void losslessWebp() {
    byte[] bytes = encoded(".webp", 211, 35, opencv_imgcodecs.IMWRITE_WEBP_QUALITY, 101);
    assertEquals(Optional.of(new ImageSizes(211, 35)), ImageSizes.of(bytes));
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replace(" ", ""));
  }

  /** Headers as their specifications have them, of 70,000 x 80,000 pixels or as many as fit. */
  @Test
  void bombs() {
    Map<String, byte[]> bombs = new TreeMap<>();
    bombs.put("bmp", hex("424d 00000000 00000000 36000000 28000000 70110100 80380100 0100 1800"));
    bombs.put("gif", hex("474946383961 ffff ffff 00 00 00"));
    bombs.put(
        "webp", hex("52494646 00000000 57454250 56503858 0a000000 00000000 6f1101 7f3801 00"));
    bombs.put("jp2", hex("ff4fff51 0029 0000 00011170 00013880 00000000"));
    bombs.put("ras", hex("59a66a95 00011170 00013880 00000018"));
    bombs.put("pgm", "P5 # a comment\n70000\n80000 255\n".getBytes(StandardCharsets.US_ASCII));
    bombs.put("pam", "P7\nWIDTH 70000\nHEIGHT 80000\n".getBytes(StandardCharsets.US_ASCII));
    ByteBuffer tiff = ByteBuffer.allocate(64).order(ByteOrder.BIG_ENDIAN);
    tiff.put(hex("4d4d002a 00000008 0002 0100 0004 00000001 00011170 0101 0004 00000001 00013880"));
    bombs.put("tiff", tiff.array());
    ByteBuffer big = ByteBuffer.allocate(96).order(ByteOrder.LITTLE_ENDIAN);
    big.put(hex("49492b00 0800 0000 1000000000000000 0200000000000000"));
    big.put(hex("0001 0400 0100000000000000 7011010000000000"));
    big.put(hex("0101 0400 0100000000000000 8038010000000000"));
    bombs.put("big tiff", big.array());
    bombs.forEach(
        (name, bytes) -> {
          TorchException e =
              assertThrows(TorchException.class, () -> Images.decode(bytes, name, true), name);
          assertTrue(e.getMessage().contains("pixels"), e.getMessage());
        });
  }

  @Test
  void cutOffHeadersHaveNone() {
    for (String format : new String[] {".bmp", ".webp", ".tiff", ".ppm"}) {
      byte[] whole = encoded(format, 9, 7);
      for (int length = 0; length < Math.min(40, whole.length); length++) {
        byte[] part = Arrays.copyOf(whole, length);
        Optional<ImageSizes> size = ImageSizes.of(part);
        assertTrue(size.isEmpty() || size.get().width() <= 9, format + " of " + length);
      }
    }
  }
}
