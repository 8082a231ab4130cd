package dev.flambeau.torch.backend.cpu.onednn;

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
              long address = y.address() + from * Float.BYTES;
              if (bytes == count) {
                bytes(address, size, mask.asSlice(from));
              } else {
                FloatMath.INSTANCE.positiveBits(address, size, mask.address() + from / 8);
              }
            });
    return mask;
  }

  private static void bytes(long address, long count, MemorySegment mask) {
    for (long i = 0; i < count; i++) {
      boolean passes = !(Memory.ALL.get(Memory.FLOAT, address + i * Float.BYTES) <= 0);
      mask.set(Memory.BYTE, i, (byte) (passes ? 1 : 0));
    }
  }
}
