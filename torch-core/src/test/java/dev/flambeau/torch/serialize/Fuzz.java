package dev.flambeau.torch.serialize;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.DeviceMemory;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/**
 * Reads a file damaged in many ways: a result or a clear exception, within bounds of time and
 * memory. {@code -Dflambeau.fuzz=100000} sets the number of files.
 */
final class Fuzz {
  private static final int FILES = Integer.getInteger("flambeau.fuzz", 2000);

  /** Java and native bytes that reading one of these files of some kilobytes may take. */
  private static final long BOUND = 8 << 20;

  private static final long MOST_NANOS = 5_000_000_000L;
  private static final long[] EXTREMES = {
    0, 1, -1, 255, Integer.MAX_VALUE, Integer.MIN_VALUE, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE
  };

  private Fuzz() {}

  interface Reader {
    Object read(Path file) throws IOException;
  }

  static void fuzz(Path file, byte[] whole, Reader reader) throws IOException {
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

  /** Cut off, spliced, with an extreme number, with flipped bits, or with other bytes. */
  private static byte[] damaged(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    switch (random.nextInt(5)) {
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
      case 3 -> {
        for (int i = random.nextInt(8); i >= 0; i--) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
      default -> {
        for (int i = random.nextInt(8); i >= 0; i--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
      }
    }
    return bytes;
  }
}
