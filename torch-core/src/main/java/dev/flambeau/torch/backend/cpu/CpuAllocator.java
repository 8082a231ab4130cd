package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.Device;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.TorchException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * A caching allocator on malloc: freed blocks wait by size class for the next request. Sizes are
 * rounded up to an eighth of their power of two, addresses to 64 bytes.
 */
final class CpuAllocator {
  private static final long ALIGNMENT = 64;
  private static final MethodHandle MALLOC =
      handle("malloc", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));

  private static final Map<Long, ArrayDeque<Long>> FREE = new HashMap<>();

  private CpuAllocator() {}

  private static MethodHandle handle(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
  }

  static Storage allocate(long bytes) {
    long size = sizeClass(bytes);
    long address = take(size);
    return new Storage(address, bytes, Device.CPU, () -> give(address, size));
  }

  private static long sizeClass(long bytes) {
    long size = Math.max(bytes, ALIGNMENT);
    long step = Math.max(ALIGNMENT, Long.highestOneBit(size) >> 3);
    return (size + step - 1) / step * step;
  }

  private static synchronized long take(long size) {
    ArrayDeque<Long> blocks = FREE.get(size);
    Long cached = blocks == null ? null : blocks.poll();
    if (cached != null) {
      return cached;
    }
    try {
      long raw = (long) MALLOC.invokeExact(size + ALIGNMENT);
      if (raw == 0) {
        throw TorchException.memory("the system has no " + size + " bytes left");
      }
      return (raw + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    } catch (TorchException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static synchronized void give(long address, long size) {
    FREE.computeIfAbsent(size, _ -> new ArrayDeque<>()).push(address);
  }
}
