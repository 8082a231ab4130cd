package dev.flambeau.torch.serialize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufTest {
  @TempDir Path folder;

  private final ByteBuffer out = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);

  private void string(String s) {
    byte[] bytes = s.getBytes(StandardCharsets.UTF_8);
    out.putLong(bytes.length).put(bytes);
  }

  /** Two tensors, "w" (2, 3) F32 and "h" (2) F16, and three metadata entries. */
  private byte[] sample() {
    out.clear();
    out.put("GGUF".getBytes(StandardCharsets.US_ASCII)).putInt(3).putLong(2).putLong(3);
    string("name");
    out.putInt(8);
    string("tiny");
    string("eps");
    out.putInt(6).putFloat(0.5f);
    string("list");
    out.putInt(9).putInt(4).putLong(2).putInt(7).putInt(8);
    string("w");
    out.putInt(2).putLong(3).putLong(2).putInt(0).putLong(0);
    string("h");
    out.putInt(1).putLong(2).putInt(1).putLong(32);
    while (out.position() % 32 != 0) {
      out.put((byte) 0);
    }
    for (int i = 0; i < 6; i++) {
      out.putFloat(i);
    }
    out.putLong(0);
    out.putShort(Float.floatToFloat16(1.5f)).putShort(Float.floatToFloat16(-2));
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  private Gguf load(byte[] bytes) throws IOException {
    Path file = folder.resolve("sample.gguf");
    Files.write(file, bytes);
    return Gguf.load(file);
  }

  @Test
  void readsMetadataAndTensors() throws IOException {
    Gguf gguf = load(sample());
    assertEquals("tiny", gguf.metadata().get("name"));
    assertEquals(0.5, gguf.metadata().get("eps"));
    assertEquals(List.of(7L, 8L), gguf.metadata().get("list"));
    assertEquals(Shape.of(2, 3), gguf.tensors().get("w").shape());
    assertEquals(5, gguf.tensors().get("w").at(1, 2));
    assertEquals(DType.F16, gguf.tensors().get("h").dtype());
    assertArrayEquals(new float[] {1.5f, -2}, gguf.tensors().get("h").toFloatArray());
  }

  @Test
  void refusesOtherFiles() {
    assertThrows(TorchException.class, () -> load(new byte[40]));
    assertThrows(TorchException.class, () -> load(new byte[3]));
  }

  @Test
  void namesQuantizedTypes() {
    byte[] bytes = sample();
    int at = indexOf(bytes, "h") + 1 + 4 + 8;
    bytes[at] = 10;
    TorchException e = assertThrows(TorchException.class, () -> load(bytes));
    assertTrue(e.getMessage().contains("ggml type 10"), e.getMessage());
  }

  private static int indexOf(byte[] bytes, String name) {
    return new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf(name);
  }

  @Test
  void survivesDamage() throws IOException {
    byte[] good = sample();
    Random random = new Random(1);
    for (int n = 0; n < 5000; n++) {
      byte[] bad = Arrays.copyOf(good, n % 7 == 0 ? random.nextInt(good.length) : good.length);
      for (int k = 0; k < 3 && bad.length > 0; k++) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      try {
        load(bad);
      } catch (TorchException | IOException expected) {
        assertTrue(expected.getMessage() != null);
      }
    }
  }
}
