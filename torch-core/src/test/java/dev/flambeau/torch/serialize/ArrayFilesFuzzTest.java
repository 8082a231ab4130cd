package dev.flambeau.torch.serialize;

import dev.flambeau.torch.Torch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged arrays, archives of them, quantized models and indices. */
class ArrayFilesFuzzTest {
  @TempDir Path folder;

  @Test
  void npy() throws IOException {
    Path file = folder.resolve("a.npy");
    Npy.save(Torch.arange(12).reshape(3, 4), file);
    Fuzz.fuzz(file, Files.readAllBytes(file), Npy::load);
  }

  @Test
  void npz() throws IOException {
    Path file = folder.resolve("a.npz");
    Npy.saveAll(NpyTest.arrays(), file);
    Fuzz.fuzz(file, Files.readAllBytes(file), Npy::loadAll);
  }

  @Test
  void compressedNpz() throws IOException {
    Path one = folder.resolve("one.npy");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (int i = 1; i < 4; i++) {
        Npy.save(Torch.arange(100L * i), one);
        zip.putNextEntry(new ZipEntry(i + ".npy"));
        zip.write(Files.readAllBytes(one));
      }
    }
    Fuzz.fuzz(folder.resolve("packed.npz"), out.toByteArray(), Npy::loadAll);
  }

  @Test
  void gguf() throws IOException {
    byte[] blocks = GgufBlocksTest.blocks(GgufType.Q4_K, 4, 1);
    Fuzz.fuzz(folder.resolve("q.gguf"), GgufBlocksTest.file(12, 2, 512, blocks), Gguf::load);
  }

  @Test
  void index() throws IOException {
    Path index = ShardedSafetensors.save(ShardedSafetensorsTest.tensors(), folder, 150);
    Fuzz.fuzz(index, Files.readAllBytes(index), ShardedSafetensors::load);
  }
}
