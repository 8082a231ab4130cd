package dev.flambeau.torch.serialize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyTest {
  @TempDir Path folder;

  static byte[] npy(int version, String header, byte[] data) {
    byte[] text = header.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer out =
        ByteBuffer.allocate(12 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    out.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
    if (version == 1) {
      out.putShort((short) text.length);
    } else {
      out.putInt(text.length);
    }
    out.put(text).put(data);
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  private Tensor load(byte[] bytes) throws IOException {
    Path file = folder.resolve("a.npy");
    Files.write(file, bytes);
    return Npy.load(file);
  }

  static Map<String, Tensor> arrays() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (DType type : DType.values()) {
      if (type != DType.BF16) {
        all.put(type.name(), Torch.arange(6).remainder(2).to(type).reshape(2, 3));
      }
    }
    all.put("scalar", Torch.scalar(2.5));
    all.put("empty", Torch.zeros(0, 4));
    all.put("line", Torch.arange(5));
    return all;
  }

  private static void assertSame(Tensor expected, Tensor got, String name) {
    assertEquals(expected.dtype(), got.dtype(), name);
    assertEquals(expected.shape(), got.shape(), name);
    assertTrue(expected.to(DType.F64).allclose(got.to(DType.F64), 0, 0, false), name);
  }

  @Test
  void arraysComeBack() throws IOException {
    Path one = folder.resolve("one.npy");
    for (Map.Entry<String, Tensor> entry : arrays().entrySet()) {
      Npy.save(entry.getValue(), one);
      assertSame(entry.getValue(), Npy.load(one), entry.getKey());
    }
    Npy.save(Torch.arange(6).reshape(2, 3).t(), one);
    assertSame(Torch.arange(6).reshape(2, 3).t(), Npy.load(one), "transposed");
    Path all = folder.resolve("all.npz");
    Npy.saveAll(arrays(), all);
    Map<String, Tensor> read = Npy.loadAll(all);
    assertEquals(arrays().keySet(), read.keySet());
    arrays().forEach((name, t) -> assertSame(t, read.get(name), name));
  }

  @Test
  void readsCompressedArchives() throws IOException {
    Path one = folder.resolve("one.npy");
    Npy.save(Torch.arange(10_000).to(DType.F32), one);
    Path file = folder.resolve("packed.npz");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("x.npy"));
      zip.write(Files.readAllBytes(one));
    }
    assertSame(Torch.arange(10_000).to(DType.F32), Npy.loadAll(file).get("x"), "packed");
  }

  @Test
  void readsAllVersionsOrdersAndEnds() throws IOException {
    byte[] data = {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6};
    for (int version = 1; version <= 3; version++) {
      String header = "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }\n";
      Tensor t = load(npy(version, header, data));
      assertEquals(Shape.of(2, 3), t.shape());
      assertArrayEquals(new long[] {1, 3, 5, 2, 4, 6}, t.to(DType.I64).toLongArray());
    }
  }

  @Test
  void refusesByName() {
    assertRefused("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", "|O");
    assertRefused("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "c8");
    assertRefused("{'descr': '<f4', 'fortran_order': False, 'shape': (99,), }", "do not fit");
    assertRefused("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "shape");
    assertRefused(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", "fit");
    Path file = folder.resolve("b.npy");
    assertThrows(TorchException.class, () -> Npy.save(Torch.ones(DType.BF16, 2), file));
    assertTrue(Files.notExists(file));
  }

  private void assertRefused(String header, String part) {
    TorchException e =
        assertThrows(TorchException.class, () -> load(npy(1, header, new byte[8])), header);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }
}
