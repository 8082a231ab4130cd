package dev.flambeau.torch.serialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Quantized tensors, each element against the format's definition written element by element. */
class GgufBlocksTest {
  private static final Map<GgufType, Integer> CODES =
      Map.of(
          GgufType.Q4_0, 2,
          GgufType.Q4_1, 3,
          GgufType.Q5_0, 6,
          GgufType.Q5_1, 7,
          GgufType.Q8_0, 8,
          GgufType.Q4_K, 12,
          GgufType.Q5_K, 13,
          GgufType.Q6_K, 14);

  @TempDir Path folder;

  /** One tensor "w" of {@code rows} rows of {@code row} elements. */
  static byte[] file(int code, long rows, long row, byte[] data) {
    ByteBuffer out = ByteBuffer.allocate(128 + data.length).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(0x46554747).putInt(3).putLong(1).putLong(0);
    out.putLong(1).put((byte) 'w').putInt(2).putLong(row).putLong(rows).putInt(code).putLong(0);
    out.position((out.position() + 31) / 32 * 32).put(data);
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  /** Random blocks whose scales are ordinary numbers. */
  static byte[] blocks(GgufType type, int count, long seed) {
    byte[] data = new byte[count * type.bytes()];
    Random random = new Random(seed);
    random.nextBytes(data);
    ByteBuffer b = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      int at = i * type.bytes() + (type == GgufType.Q6_K ? 208 : 0);
      b.putShort(at, Float.floatToFloat16(random.nextFloat() - 0.5f));
      if (type != GgufType.Q6_K && type != GgufType.Q8_0) {
        b.putShort(at + 2, Float.floatToFloat16(random.nextFloat() - 0.5f));
      }
    }
    return data;
  }

  private static double half(byte[] b, int at) {
    return Float.float16ToFloat((short) (b[at] & 0xff | (b[at + 1] & 0xff) << 8));
  }

  private static int bit(byte[] b, int at, int index) {
    return (b[at + index / 8] & 0xff) >> index % 8 & 1;
  }

  private static int nibble(byte[] b, int at, boolean upper) {
    return upper ? (b[at] & 0xff) / 16 : (b[at] & 0xff) % 16;
  }

  /** Six bits of the scale or the minimum of a group. */
  private static int six(byte[] b, int at, int group, boolean minimum) {
    if (group < 4) {
      return (b[at + group + (minimum ? 4 : 0)] & 0xff) % 64;
    }
    int top = (b[at + group - 4 + (minimum ? 4 : 0)] & 0xff) / 64;
    return nibble(b, at + group + 4, minimum) + 16 * top;
  }

  private static double element(GgufType type, byte[] b, int at, int i) {
    boolean upper = i >= 16;
    int j = i % 16;
    int group = i / 32;
    int within = i % 32;
    return switch (type) {
      case Q8_0 -> half(b, at) * b[at + 2 + i];
      case Q4_0 -> half(b, at) * (nibble(b, at + 2 + j, upper) - 8);
      case Q4_1 -> half(b, at) * nibble(b, at + 4 + j, upper) + half(b, at + 2);
      case Q5_0 -> half(b, at) * (nibble(b, at + 6 + j, upper) + 16 * bit(b, at + 2, i) - 16);
      case Q5_1 ->
          half(b, at) * (nibble(b, at + 8 + j, upper) + 16 * bit(b, at + 4, i)) + half(b, at + 2);
      case Q4_K ->
          half(b, at)
                  * six(b, at + 4, group, false)
                  * nibble(b, at + 16 + group / 2 * 32 + within, group % 2 == 1)
              - half(b, at + 2) * six(b, at + 4, group, true);
      case Q5_K ->
          half(b, at)
                  * six(b, at + 4, group, false)
                  * (nibble(b, at + 48 + group / 2 * 32 + within, group % 2 == 1)
                      + 16 * bit(b, at + 16 + within, group))
              - half(b, at + 2) * six(b, at + 4, group, true);
      case Q6_K -> {
        int part = i % 128;
        int low = nibble(b, at + i / 128 * 64 + part % 64, part >= 64);
        int high = (b[at + 128 + i / 128 * 32 + within] & 0xff) >> part / 32 * 2 & 3;
        yield half(b, at + 208) * b[at + 192 + i / 16] * (low + 16 * high - 32);
      }
      default -> throw new IllegalArgumentException(type.toString());
    };
  }

  @ParameterizedTest
  @EnumSource(names = {"Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"})
  void elementsAreWhatTheFormatSays(GgufType type) throws IOException {
    int count = 3 * 700; // more than a chunk
    byte[] data = blocks(type, count, 5);
    Path path = folder.resolve("w.gguf");
    Files.write(path, file(CODES.get(type), 3, 700L * type.block(), data));
    Tensor w = Gguf.load(path).tensors().get("w");
    assertEquals(DType.F32, w.dtype());
    assertEquals(Shape.of(3, 700L * type.block()), w.shape());
    float[] got = w.toFloatArray();
    for (int i = 0; i < got.length; i++) {
      int block = i / type.block();
      double expected = element(type, data, block * type.bytes(), i % type.block());
      assertEquals(expected, got[i], 1e-4 * Math.max(1, Math.abs(expected)), type + " " + i);
    }
  }

  @Test
  void rowsAreWholeBlocks() throws IOException {
    Path path = folder.resolve("w.gguf");
    Files.write(path, file(8, 2, 16, blocks(GgufType.Q8_0, 1, 1)));
    TorchException e = assertThrows(TorchException.class, () -> Gguf.load(path));
    assertTrue(e.getMessage().contains("multiples of 32"), e.getMessage());
  }
}
