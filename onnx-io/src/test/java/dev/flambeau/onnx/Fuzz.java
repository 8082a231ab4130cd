package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.DeviceMemory;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/**
 * Checks, imports, runs and draws a model damaged in many ways: a result or a clear exception,
 * within bounds of time and memory. {@code -Dflambeau.fuzz=100000} sets the number of files, of all
 * models together.
 */
final class Fuzz {
  /** Java bytes, garbage included, and native ones that one of these small files may take. */
  private static final long BOUND = 64 << 20;

  private static final long MOST_NANOS = 5_000_000_000L;
  private static final long[] EXTREMES = {
    0, 1, -1, 255, Integer.MAX_VALUE, Integer.MIN_VALUE, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE
  };

  private Fuzz() {}

  /** What is done with a file. */
  interface Use {
    void of(Path file) throws IOException;
  }

  static void fuzz(Path file, ModelProto model, int files, Use use) throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    DeviceMemory memory = Torch.memory(Device.CPU);
    byte[] whole = model.toByteArray();
    Files.write(file, whole);
    use.of(file);
    int refused = 0;
    long most = 0;
    long slowest = 0;
    long start = System.nanoTime();
    for (int i = 0; i < files; i++) {
      Random random = new Random(31L * i + 5);
      byte[] bad =
          random.nextBoolean() ? damaged(whole, random) : Mutations.of(model, random).toByteArray();
      Files.write(file, bad);
      memory.resetPeak();
      long live = memory.statistics().allocated();
      long before = threads.getCurrentThreadAllocatedBytes();
      long began = System.nanoTime();
      try {
        use.of(file);
      } catch (TorchException | IOException | UncheckedIOException e) {
        refused++;
        assertFalse(String.valueOf(e.getMessage()).isBlank(), "an empty message");
      } catch (RuntimeException | Error e) {
        fail(file.getFileName() + " " + i + " of " + files, e);
      }
      long nanos = System.nanoTime() - began;
      slowest = Math.max(slowest, nanos);
      assertTrue(nanos < MOST_NANOS, "file " + i + " took too long");
      long heap = threads.getCurrentThreadAllocatedBytes() - before;
      long used = heap + memory.statistics().peak() - live;
      most = Math.max(most, used);
      assertTrue(used < BOUND, "file " + i + " took " + used + " bytes");
    }
    System.out.printf(
        "%s: %d of %d damaged files refused, at most %d KiB and %.0f ms each, %.1f s%n",
        file.getFileName(),
        refused,
        files,
        most >> 10,
        slowest / 1e6,
        (System.nanoTime() - start) / 1e9);
    assertTrue(refused > files / 20, "hardly any file was refused");
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
