package dev.flambeau.torch.serialize;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.DeviceMemory;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged arrays, archives of them, quantized models and indices: a result or a clear exception,
 * within bounds of time and memory. {@code -Dflambeau.fuzz=100000} sets the number of files.
 */
class ArrayFilesFuzzTest {
  private static final int FILES = Integer.getInteger("flambeau.fuzz", 2000);

  /** Java and native bytes that reading one of these files of some kilobytes may take. */
  private static final long BOUND = 8 << 20;

  private static final long MOST_NANOS = 5_000_000_000L;
  private static final long[] EXTREMES = {
    0, 1, -1, 255, Integer.MAX_VALUE, Integer.MIN_VALUE, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE
  };

  @TempDir Path folder;

  private interface Reader {
    Object read(Path file) throws IOException;
  }

  /** Cut off, spliced, with an extreme number, or with flipped bits. */
  private static byte[] damaged(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    switch (random.nextInt(4)) {
      case 0 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      case 1 -> {
        int length = random.nextInt(Math.min(64, bytes.length));
        int from = random.nextInt(bytes.length - length);
        int to = random.nextInt(bytes.length - length);
        System.arraycopy(whole, from, bytes, to, length);
      }
      case 2 -> {
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long value = EXTREMES[random.nextInt(EXTREMES.length)];
        if (random.nextBoolean()) {
          b.putLong(random.nextInt(bytes.length - 8), value);
        } else {
          b.putInt(random.nextInt(bytes.length - 4), (int) value);
        }
      }
      default -> {
        for (int i = random.nextInt(8); i >= 0; i--) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
    }
    return bytes;
  }

  private void fuzz(Path file, byte[] whole, Reader reader) throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    DeviceMemory memory = Torch.memory(Device.CPU);
    Files.write(file, whole);
    reader.read(file);
    int refused = 0;
    long most = 0;
    long start = System.nanoTime();
    for (int i = 0; i < FILES; i++) {
      Files.write(file, damaged(whole, new Random(17L * i + 3)));
      memory.resetPeak();
      long live = memory.statistics().allocated();
      long before = threads.getCurrentThreadAllocatedBytes();
      long began = System.nanoTime();
      try {
        reader.read(file);
      } catch (TorchException | IOException e) {
        refused++;
        assertFalse(String.valueOf(e.getMessage()).isBlank(), "an empty message");
      } catch (RuntimeException | Error e) {
        fail("file " + i + " of " + FILES, e);
      }
      assertTrue(System.nanoTime() - began < MOST_NANOS, "file " + i + " took too long");
      long heap = threads.getCurrentThreadAllocatedBytes() - before;
      long used = heap + memory.statistics().peak() - live;
      most = Math.max(most, used);
      assertTrue(used < BOUND, "file " + i + " took " + used + " bytes");
    }
    System.out.printf(
        "%s: %d of %d damaged files refused, at most %d KiB each, %.1f s%n",
        file.getFileName(), refused, FILES, most >> 10, (System.nanoTime() - start) / 1e9);
    assertTrue(refused > FILES / 20, "hardly any file was refused");
  }

  @Test
  void npy() throws IOException {
    Path file = folder.resolve("a.npy");
    Npy.save(Torch.arange(12).reshape(3, 4), file);
    fuzz(file, Files.readAllBytes(file), Npy::load);
  }

  @Test
  void npz() throws IOException {
    Path file = folder.resolve("a.npz");
    Npy.saveAll(NpyTest.arrays(), file);
    fuzz(file, Files.readAllBytes(file), Npy::loadAll);
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
    fuzz(folder.resolve("packed.npz"), out.toByteArray(), Npy::loadAll);
  }

  @Test
  void gguf() throws IOException {
    byte[] blocks = GgufBlocksTest.blocks(GgufType.Q4_K, 4, 1);
    fuzz(folder.resolve("q.gguf"), GgufBlocksTest.file(12, 2, 512, blocks), Gguf::load);
  }

  @Test
  void index() throws IOException {
    Path index = ShardedSafetensors.save(ShardedSafetensorsTest.tensors(), folder, 150);
    fuzz(index, Files.readAllBytes(index), ShardedSafetensors::load);
  }
}
