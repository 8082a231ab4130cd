package dev.flambeau.torch.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.Storage;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Size classes, the limit, the collector's help, trimming, threads. */
class CpuAllocatorTest {
  private static final long MIB = 1 << 20;

  @Test
  void classesWasteLittle() {
    for (long bytes = 0; bytes < 5000; bytes++) {
      long rounded = CpuAllocator.rounded(bytes);
      assertTrue(rounded >= bytes && rounded < Math.max(bytes, 1) * 9 / 8 + 64, bytes + " bytes");
      assertEquals(rounded, CpuAllocator.rounded(rounded), bytes + " bytes");
      assertEquals(0, rounded % 64, bytes + " bytes");
    }
    for (long bytes = 5000; bytes < 1L << 40; bytes = bytes * 17 / 16 + 1) {
      long rounded = CpuAllocator.rounded(bytes);
      assertTrue(rounded >= bytes && rounded <= bytes / 8 * 9 + 9, bytes + " bytes: " + rounded);
    }
  }

  @Test
  void overTheLimitSaysWhatIsInUse() {
    CpuAllocator allocator = new CpuAllocator(8 * MIB);
    List<Storage> held = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      held.add(allocator.allocate(MIB));
    }
    TorchException e =
        assertThrows(TorchException.MemoryError.class, () -> allocator.allocate(MIB));
    assertTrue(e.getMessage().contains("8 of 1048576 bytes"), e.getMessage());
    assertTrue(e.getMessage().contains(CpuAllocator.LIMIT), e.getMessage());
    assertEquals(8 * MIB, allocator.statistics().allocated());
    held.getFirst().free();
    held.set(0, allocator.allocate(MIB));
    assertEquals(8 * MIB, allocator.statistics().peak());
    held.forEach(Storage::free);
    assertEquals(0, allocator.statistics().allocated());
  }

  @Test
  void forgottenBlocksComeBack() {
    CpuAllocator allocator = new CpuAllocator(8 * MIB);
    for (int i = 0; i < 64; i++) {
      Storage storage = allocator.allocate(MIB);
      Memory.fill(storage.address(), MIB, (byte) i);
    }
    CpuAllocator.Statistics s = allocator.statistics();
    assertTrue(s.peak() <= 8 * MIB, s::toString);
    assertTrue(s.allocated() + s.cached() <= 8 * MIB, s::toString);
  }

  @Test
  void cachedBlocksMakeRoom() {
    CpuAllocator allocator = new CpuAllocator(8 * MIB);
    Storage first = allocator.allocate(3 * MIB);
    long address = first.address();
    first.free();
    assertEquals(3 * MIB, allocator.statistics().cached());
    Storage again = allocator.allocate(3 * MIB);
    assertEquals(address, again.address(), "the cached block is used again");
    again.free();
    Storage other = allocator.allocate(2 * MIB);
    assertEquals(0, allocator.statistics().cached(), "beyond the watermark nothing is cached");
    other.free();
  }

  @Test
  void blocksAreAlignedAndWritable() {
    CpuAllocator allocator = new CpuAllocator(Long.MAX_VALUE);
    for (long bytes : new long[] {1, 100, MIB, 9 * MIB + 5}) {
      Storage storage = allocator.allocate(bytes);
      assertEquals(0, storage.address() % 64, bytes + " bytes");
      Memory.fill(storage.address(), bytes, (byte) 7);
      storage.free();
    }
    assertThrows(TorchException.MemoryError.class, () -> allocator.allocate(Long.MAX_VALUE));
  }

  @Test
  void threadsNeverShareABlock() {
    CpuAllocator allocator = new CpuAllocator(64 * MIB);
    boolean clean =
        IntStream.range(0, 8)
            .parallel()
            .allMatch(
                t -> {
                  boolean own = true;
                  for (int i = 0; i < 20_000; i++) {
                    Storage storage = allocator.allocate(64 + i % 7 * 64);
                    Memory.ALL.set(Memory.LONG, storage.address(), t * 100_000L + i);
                    Thread.onSpinWait();
                    own &= Memory.ALL.get(Memory.LONG, storage.address()) == t * 100_000L + i;
                    storage.free();
                  }
                  return own;
                });
    assertTrue(clean, "another thread wrote into a block in use");
    assertEquals(0, allocator.statistics().allocated());
  }

  @Test
  void aMillionForgottenScalarsFitIntoALittle() {
    CpuAllocator allocator = new CpuAllocator(16 * MIB);
    long sum = 0;
    for (int i = 0; i < 1_000_000; i++) {
      Storage storage = allocator.allocate(Integer.BYTES);
      Memory.ALL.set(Memory.INT, storage.address(), i);
      sum += Memory.ALL.get(Memory.INT, storage.address());
    }
    assertEquals(499_999_500_000L, sum);
    CpuAllocator.Statistics s = atRest(allocator);
    assertTrue(s.peak() <= 16 * MIB && s.allocated() + s.cached() <= 16 * MIB, s::toString);
  }

  /** A block on its way back is counted twice, so not before the Cleaner is done. */
  private static CpuAllocator.Statistics atRest(CpuAllocator allocator) {
    CpuAllocator.Statistics last = null;
    CpuAllocator.Statistics now = allocator.statistics();
    while (!now.equals(last)) {
      LockSupport.parkNanos(20_000_000);
      last = now;
      now = allocator.statistics();
    }
    return now;
  }

  @Test
  void limitsAreRead() {
    assertEquals(1L << 30, CpuAllocator.parse("1g"));
    assertEquals(512 * MIB, CpuAllocator.parse(" 512M "));
    assertEquals(4096, CpuAllocator.parse("4096"));
    for (String bad : new String[] {"", "g", "-1m", "0", "1.5g", "9999999999g"}) {
      assertThrows(TorchException.ArgumentError.class, () -> CpuAllocator.parse(bad), bad);
    }
  }
}
