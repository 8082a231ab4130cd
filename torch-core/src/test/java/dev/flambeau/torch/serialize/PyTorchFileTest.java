package dev.flambeau.torch.serialize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints written here and read again, and hostile ones. */
class PyTorchFileTest {
  @TempDir Path folder;

  private Path file(String name) {
    return folder.resolve(name);
  }

  /** A zip archive like PyTorch's around a pickle. */
  static byte[] archive(byte[] pickle) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.setMethod(ZipOutputStream.STORED);
      ZipEntry entry = new ZipEntry("a/data.pkl");
      CRC32 crc = new CRC32();
      crc.update(pickle);
      entry.setSize(pickle.length);
      entry.setCrc(crc.getValue());
      zip.putNextEntry(entry);
      zip.write(pickle);
    }
    return out.toByteArray();
  }

  private TorchException refusal(String pickle) throws IOException {
    Path file = file("hostile.pt");
    Files.write(file, archive(pickle.getBytes(StandardCharsets.ISO_8859_1)));
    return assertThrows(TorchException.class, () -> PyTorchFile.load(file));
  }

  @Test
  void allKindsOfValuesComeBack() throws IOException {
    Map<Object, Object> all = new LinkedHashMap<>();
    all.put("text", "h\u00e9llo \u4e16");
    all.put("number", 1L << 40);
    all.put("negative", -3L);
    all.put("huge", BigInteger.TWO.pow(100).negate());
    all.put("real", Math.PI);
    all.put("yes", true);
    all.put("none", null);
    all.put("list", List.of(1L, List.of("a"), Map.of()));
    all.put("shape", Shape.of(2, 3));
    all.put("type", DType.BF16);
    all.put(7L, "a number as a key");
    Path file = file("values.pt");
    PyTorchFile.save(all, file);
    assertEquals(all, PyTorchFile.load(file));
    byte[] bytes = {0, 1, -1, 127, -128};
    PyTorchFile.save(bytes, file);
    assertArrayEquals(bytes, (byte[]) PyTorchFile.load(file));
  }

  @Test
  void tensorsOfAllTypesComeBackAndShareMemory() throws IOException {
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (DType type : DType.values()) {
      all.put(type.name(), Torch.arange(24).remainder(7).to(type).reshape(2, 3, 4));
    }
    Tensor base = all.get("F32");
    all.put("view", base.transpose(0, 2).narrow(1, 1, 2));
    all.put("scalar", Torch.scalar(3.5));
    all.put("empty", Torch.zeros(0, 4));
    all.put("parameter", Torch.ones(3).requiresGrad(true));
    Path file = file("tensors.pt");
    PyTorchFile.save(all, file);
    Map<String, Tensor> loaded = PyTorchFile.stateDict(file);
    assertEquals(all.keySet(), loaded.keySet());
    all.forEach(
        (name, t) -> {
          Tensor back = loaded.get(name);
          assertEquals(t.dtype(), back.dtype(), name);
          assertEquals(t.shape(), back.shape(), name);
          assertTrue(t.detach().eq(back.detach()).all().item() != 0 || t.numel() == 0, name);
        });
    assertSame(loaded.get("F32").storage(), loaded.get("view").storage());
    assertTrue(loaded.get("parameter").requiresGrad());
    assertFalse(loaded.get("F32").requiresGrad());
  }

  @Test
  void codeIsRefusedByName() throws IOException {
    String system = refusal("\u0080\u0002cos\nsystem\nX\u0004\0\0\0true\u0085R.").getMessage();
    assertTrue(system.contains("os.system"), system);
    String eval = refusal("cbuiltins\neval\n.").getMessage();
    assertTrue(eval.contains("builtins.eval"), eval);
  }

  @Test
  void whatIsNotSoundIsRefused() throws IOException {
    for (String pickle :
        List.of(
            "",
            ".",
            "X\u00ff\u00ff\u00ff\u007fabc.",
            "e.",
            "]]a",
            "h\u0005.",
            "}]]s.",
            "\u008b\u00ff\u00ff\u00ff\u00ff.",
            "((((",
            "]q\0h\0ah\0R.",
            "ctorch._utils\n_rebuild_tensor_v2\n)R.",
            "ctorch\nFloatStorage\n)R.",
            "I9999999999999999x\n.")) {
      refusal(pickle);
    }
  }

  @Test
  void viewsStayWithinTheirStorage() throws IOException {
    Path file = file("tensor.pt");
    PyTorchFile.save(Torch.zeros(4, 4), file);
    byte[] whole = Files.readAllBytes(file);
    String text = new String(whole, StandardCharsets.ISO_8859_1);
    // sizes (4, 4) become (4, 5): the strides stay 4 and 1
    String sizes = "(J\u0004\0\0\0J\u0004\0\0\0t";
    assertTrue(text.contains(sizes), "the pickle's sizes");
    int at = text.indexOf(sizes);
    whole[at + 2] = 5;
    Files.write(file, whole);
    TorchException e = assertThrows(TorchException.class, () -> PyTorchFile.load(file));
    assertTrue(e.getMessage().contains("does not fit"), e.getMessage());
  }

  @Test
  void compressedEntriesAreRefused() throws IOException {
    Path file = file("bomb.pt");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("a/data.pkl"));
      zip.write(new byte[1 << 24]);
    }
    TorchException e = assertThrows(TorchException.class, () -> PyTorchFile.load(file));
    assertTrue(e.getMessage().contains("compressed"), e.getMessage());
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    for (byte[] bytes :
        List.of(new byte[0], new byte[3], "hello world".getBytes(), new byte[1000])) {
      Path file = file("other");
      Files.write(file, bytes);
      assertThrows(TorchException.class, () -> PyTorchFile.load(file));
    }
  }

  @Test
  void anInterruptedWriteLeavesTheOldFile() throws IOException {
    Path file = file("kept.pt");
    PyTorchFile.save(List.of(1L), file);
    assertThrows(
        TorchException.class, () -> PyTorchFile.save(List.of(2L, new StringBuilder()), file));
    assertEquals(List.of(1L), PyTorchFile.load(file));
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count(), "nothing else is left");
    }
  }
}
