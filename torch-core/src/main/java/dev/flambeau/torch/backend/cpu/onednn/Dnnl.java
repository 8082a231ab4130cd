package dev.flambeau.torch.backend.cpu.onednn;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.backend.cpu.NativeLibraries;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The C functions of oneDNN. JavaCPP unpacks and loads the library; the calls go through the
 * foreign function interface, because handles are then plain longs and a call makes no objects.
 */
final class Dnnl {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final Map<String, MethodHandle> FUNCTIONS = new ConcurrentHashMap<>();
  private static final SymbolLookup LIBRARY;
  private static final String MISSING;

  /** Set once {@link #missing} is empty: the CPU, and the stream everything runs on. */
  static final long ENGINE;

  static final long STREAM;
  private static final MethodHandle EXECUTE;
  private static final MethodHandle SET_HANDLE;
  private static final MethodHandle SET_THREADS;

  /** How many threads a large primitive may use. */
  static final int THREADS =
      Integer.getInteger("flambeau.threads", Runtime.getRuntime().availableProcessors());

  static {
    SymbolLookup library = null;
    String missing = null;
    if (!NativeLibraries.allowed()) {
      missing = "switched off by -Dflambeau.natives=off";
    } else {
      try {
        library = load();
      } catch (IOException | RuntimeException | LinkageError e) {
        missing = e.toString();
      }
    }
    LIBRARY = library;
    MISSING = missing;
    if (missing == null) {
      ENGINE = create("dnnl_engine_create", 1, 0L);
      STREAM = create("dnnl_stream_create", ENGINE, 1);
      FunctionDescriptor execute =
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG);
      EXECUTE = LINKER.downcallHandle(LIBRARY.findOrThrow("dnnl_primitive_execute"), execute);
      SET_HANDLE =
          LINKER.downcallHandle(
              LIBRARY.findOrThrow("dnnl_memory_set_data_handle"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG),
              Linker.Option.critical(false));
      SET_THREADS =
          LIBRARY
              .find("omp_set_num_threads")
              .map(
                  f ->
                      LINKER.downcallHandle(
                          f,
                          FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT),
                          Linker.Option.critical(false)))
              .orElse(null);
    } else {
      ENGINE = 0;
      STREAM = 0;
      EXECUTE = null;
      SET_HANDLE = null;
      SET_THREADS = null;
    }
  }

  private Dnnl() {}

  /** Why the library cannot be used; empty if it can. */
  static Optional<String> missing() {
    return Optional.ofNullable(MISSING);
  }

  private static SymbolLookup load() throws IOException {
    // libgomp's threads spin after each region and starve the JVM; it reads this when it loads.
    NativeLibraries.environment("OMP_WAIT_POLICY", "PASSIVE");
    return NativeLibraries.load(org.bytedeco.dnnl.global.dnnl.class, "dnnl");
  }

  private static int invoke(MethodHandle handle, Object... arguments) {
    try {
      return (int) handle.invokeWithArguments(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static MethodHandle function(String name, Object[] arguments) {
    return FUNCTIONS.computeIfAbsent(
        name,
        n -> {
          MemoryLayout[] types = new MemoryLayout[arguments.length];
          for (int i = 0; i < types.length; i++) {
            types[i] =
                switch (arguments[i]) {
                  case Integer _ -> ValueLayout.JAVA_INT;
                  case Float _ -> ValueLayout.JAVA_FLOAT;
                  case Long _ -> ValueLayout.JAVA_LONG;
                  default -> throw new IllegalArgumentException(n + ": " + arguments[0]);
                };
          }
          return LINKER.downcallHandle(
              LIBRARY.findOrThrow(n), FunctionDescriptor.of(ValueLayout.JAVA_INT, types));
        });
  }

  /** Calls a function off the hot road; pointers and sizes are Longs. Returns its status. */
  static int call(String name, Object... arguments) {
    return invoke(function(name, arguments), arguments);
  }

  /** Calls a function that puts a handle where its first argument points; 0 if it fails. */
  static long create(String name, Object... arguments) {
    Object[] all = new Object[arguments.length + 1];
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG);
      all[0] = out.address();
      return call(name, all) == 0 ? out.get(ValueLayout.JAVA_LONG, 0) : 0;
    }
  }

  /** A function that returns a pointer or a size. */
  static long get(String name, Object... arguments) {
    MethodHandle handle =
        FUNCTIONS.computeIfAbsent(
            name,
            n -> {
              FunctionDescriptor type = FunctionDescriptor.of(ValueLayout.JAVA_LONG);
              for (Object a : arguments) {
                type =
                    type.appendArgumentLayouts(
                        a instanceof Integer ? ValueLayout.JAVA_INT : ValueLayout.JAVA_LONG);
              }
              return LINKER.downcallHandle(LIBRARY.findOrThrow(n), type);
            });
    try {
      return (long) handle.invokeWithArguments(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  static void execute(long primitive, int count, long arguments) {
    try {
      int status = (int) EXECUTE.invokeExact(primitive, STREAM, count, arguments);
      if (status != 0) {
        throw new IllegalStateException("oneDNN failed with status " + status);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Sets how many threads this thread's primitives use, in making them and in running them alike;
   * without effect where the library runs on something else than OpenMP.
   */
  static void threads(int count) {
    try {
      if (SET_THREADS != null) {
        SET_THREADS.invokeExact(count);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  static void setHandle(long memory, long address) {
    try {
      int _ = (int) SET_HANDLE.invokeExact(memory, address);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** oneDNN's number of a type, 0 if it has none here. */
  static int type(DType type) {
    return switch (type) {
      case F16 -> 1;
      case BF16 -> 2;
      case F32 -> 3;
      case I32 -> 4;
      case I8 -> 5;
      case U8 -> 6;
      default -> 0;
    };
  }

  /** A memory descriptor; the caller destroys it. */
  static long descriptor(DType type, long[] sizes, long[] strides) {
    try (Arena arena = Arena.ofConfined()) {
      long dims = arena.allocateFrom(ValueLayout.JAVA_LONG, sizes).address();
      long steps = arena.allocateFrom(ValueLayout.JAVA_LONG, strides).address();
      return create("dnnl_memory_desc_create_with_strides", sizes.length, dims, type(type), steps);
    }
  }

  static long descriptor(DType type, Layout layout) {
    return descriptor(type, layout.shape().sizes(), layout.strides());
  }

  /** A descriptor whose order of axes the primitive chooses. */
  static long descriptorAny(DType type, long[] sizes) {
    try (Arena arena = Arena.ofConfined()) {
      long dims = arena.allocateFrom(ValueLayout.JAVA_LONG, sizes).address();
      return create("dnnl_memory_desc_create_with_tag", sizes.length, dims, type(type), 1);
    }
  }

  static long bytes(long descriptor) {
    return get("dnnl_memory_desc_get_size", descriptor);
  }

  static boolean same(long a, long b) {
    return call("dnnl_memory_desc_equal", a, b) != 0;
  }

  /** A descriptor of a primitive descriptor, which owns it; 0 if there is none. */
  static long query(long primitive, int what) {
    return get("dnnl_primitive_desc_query_md", primitive, what, 0);
  }

  static void putArgument(long at, int argument, long memory) {
    Memory.ALL.set(Memory.INT, at, argument);
    Memory.ALL.set(Memory.LONG, at + Long.BYTES, memory);
  }
}
