package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.backend.Memory;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The C library's memory, aligned to 64 bytes, or to huge pages from 8 MiB on. The address that
 * malloc gave stands in the 8 bytes before a block: aligned_alloc is not everywhere.
 */
final class SystemMemory {
  private static final long LINE = 64;
  private static final long HUGE_PAGE = 2L << 20;
  private static final long LARGE = 8L << 20;
  private static final int MADV_HUGEPAGE = 14;
  private static final boolean LINUX = System.getProperty("os.name").equals("Linux");

  private static final MethodHandle MALLOC =
      handle("malloc", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
  private static final MethodHandle FREE =
      handle("free", FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG));

  private SystemMemory() {}

  private static MethodHandle handle(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
  }

  /** A new block's address, or 0 if there is none to be had. */
  static long allocate(long size) {
    boolean huge = LINUX && size >= LARGE;
    long alignment = huge ? HUGE_PAGE : LINE;
    try {
      long raw = (long) MALLOC.invokeExact(size + alignment);
      if (raw == 0) {
        return 0;
      }
      long address = (raw + alignment) / alignment * alignment;
      Memory.ALL.set(Memory.LONG, address - Long.BYTES, raw);
      if (huge) {
        // Advice only: a kernel without huge pages refuses it, and all still works.
        int _ = (int) Huge.MADVISE.invokeExact(address, size, MADV_HUGEPAGE);
      }
      return address;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  static void free(long address) {
    try {
      FREE.invokeExact(Memory.ALL.get(Memory.LONG, address - Long.BYTES));
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Looked up on Linux only. */
  private static final class Huge {
    static final MethodHandle MADVISE =
        handle(
            "madvise",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT));

    private Huge() {}
  }
}
