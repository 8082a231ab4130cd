package dev.flambeau.torch.backend.cpu.onednn;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.backend.cpu.vector.FloatMath;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.LongStream;

/**
 * Which elements a fused ReLU let pass, as oneDNN's workspace notes it: a bit an element in the
 * order of memory, lowest bit first, or a byte an element in its plain implementations. Made again
 * from the result, which is kept for the next layer's gradient anyway.
 */
final class ReluMask {
  /** Elements a task; a multiple of 8. */
  private static final long PART = 1 << 18;

  /** Elements at a time that are widened first; a multiple of 8. */
  private static final long BLOCK = 4096;

  private ReluMask() {}

  /** The mask of {@code y}, {@code bytes} long. */
  static MemorySegment of(Tensor y, long bytes, Arena arena) {
    MemorySegment mask = arena.allocate(bytes, 64);
    long count = y.numel();
    LongStream.range(0, (count + PART - 1) / PART)
        .parallel()
        .forEach(
            part -> {
              long from = part * PART;
              long size = Math.min(PART, count - from);
              long address = y.address() + from * y.dtype().bytes();
              if (y.dtype() == DType.BF16) {
                ofBFloat16(address, size, mask, from, bytes == count);
              } else {
                of(address, size, mask, from, bytes == count);
              }
            });
    return mask;
  }

  private static void of(long address, long count, MemorySegment mask, long from, boolean asBytes) {
    if (asBytes) {
      bytes(address, count, mask.asSlice(from));
    } else {
      FloatMath.INSTANCE.positiveBits(address, count, mask.address() + from / 8);
    }
  }

  /** By way of floats that stay in the cache. */
  private static void ofBFloat16(
      long address, long count, MemorySegment mask, long from, boolean asBytes) {
    try (Arena own = Arena.ofConfined()) {
      long floats = own.allocate(BLOCK * Float.BYTES, 64).address();
      for (long i = 0; i < count; i += BLOCK) {
        long size = Math.min(BLOCK, count - i);
        long groups = size / FloatMath.GROUP * FloatMath.GROUP;
        FloatMath.INSTANCE.fromBFloat16(address + i * Short.BYTES, floats, (int) groups);
        for (long k = groups; k < size; k++) {
          int bits = Memory.ALL.get(Memory.SHORT, address + (i + k) * Short.BYTES) << 16;
          Memory.ALL.set(Memory.INT, floats + k * Float.BYTES, bits);
        }
        of(floats, size, mask, from + i, asBytes);
      }
    }
  }

  private static void bytes(long address, long count, MemorySegment mask) {
    for (long i = 0; i < count; i++) {
      boolean passes = !(Memory.ALL.get(Memory.FLOAT, address + i * Float.BYTES) <= 0);
      mask.set(Memory.BYTE, i, (byte) (passes ? 1 : 0));
    }
  }
}
