package dev.flambeau.torch.backend.cpu.lapack;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.backend.cpu.NativeLibraries;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.bytedeco.openblas.global.openblas;

/**
 * OpenBLAS's matrix products, which may be called from many threads at once: each call runs on the
 * caller's thread alone.
 */
public final class Blas {
  private static final int ROW_MAJOR = 101;
  private static final int NO_TRANSPOSE = 111;
  private static final int TRANSPOSE = 112;

  /**
   * Multiplications up to which OpenBLAS does not copy matrices into panels first (its limit is
   * 10^6). On AVX-512 such products run at 170 GFLOP/s, larger ones with few columns at 110, so
   * these are cut. With a transposed second matrix there is nothing to gain.
   */
  private static final int UNPACKED = 1_000_000;

  private static final MethodHandle SGEMM;
  private static final MethodHandle DGEMM;
  private static final MethodHandle SET_THREADS;

  private static final String MISSING;

  static {
    SymbolLookup library = null;
    String missing = null;
    if (NativeLibraries.allowed()) {
      try {
        library = load();
      } catch (IOException | RuntimeException | LinkageError e) {
        missing = e.toString();
      }
    } else {
      missing = "switched off by -Dflambeau.natives=off";
    }
    MISSING = missing;
    if (library == null) {
      SGEMM = null;
      DGEMM = null;
      SET_THREADS = null;
    } else {
      SGEMM = gemm(library, "cblas_sgemm", ValueLayout.JAVA_FLOAT);
      DGEMM = gemm(library, "cblas_dgemm", ValueLayout.JAVA_DOUBLE);
      SET_THREADS =
          Linker.nativeLinker()
              .downcallHandle(
                  library.findOrThrow("openblas_set_num_threads"),
                  FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
      threads(1);
    }
  }

  private Blas() {}

  /** A row-major matrix, perhaps transposed: its elements' distance is 1 along one axis. */
  public record Matrix(long address, boolean transposed, int leading) {
    /** The address of the first of the rows (F32) from {@code i} on. */
    private long row(int i) {
      return address + (transposed ? i : (long) i * leading) * Float.BYTES;
    }

    private int order() {
      return transposed ? TRANSPOSE : NO_TRANSPOSE;
    }
  }

  /** Why the library cannot be used; empty if it can. */
  static Optional<String> missing() {
    return Optional.ofNullable(MISSING);
  }

  /** With one thread: products are split by the caller, factorizations ask for more. */
  private static SymbolLookup load() throws IOException {
    NativeLibraries.environment("OPENBLAS_NUM_THREADS", "1");
    // Waiting threads sleep after 2^4 cycles: they would spin for 2^26 and starve the JVM.
    NativeLibraries.environment("OPENBLAS_THREAD_TIMEOUT", "4");
    return NativeLibraries.load(openblas.class, "openblas");
  }

  private static MethodHandle gemm(SymbolLookup library, String name, MemoryLayout number) {
    MemoryLayout size = ValueLayout.JAVA_INT;
    MemoryLayout address = ValueLayout.JAVA_LONG;
    return Linker.nativeLinker()
        .downcallHandle(
            library.findOrThrow(name),
            FunctionDescriptor.ofVoid(
                size, size, size, size, size, size, number, address, size, address, size, number,
                address, size));
  }

  /** Whether the library is there and has a product for a type. */
  public static boolean has(DType type) {
    return (type == DType.F32 || type == DType.F64) && MISSING == null;
  }

  /**
   * How many threads each call of the library uses, factorizations included. Calls that run now in
   * other threads may see the change; their results are the same.
   */
  static void threads(int count) {
    try {
      SET_THREADS.invokeExact(count);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** out (m, n) = a (m, k) b (k, n); out is row-major and may hold anything before. */
  public static void product(DType type, int m, int n, int k, Matrix a, Matrix b, Matrix out) {
    product(type, m, n, k, 1, a, b, out, false);
  }

  /** The same, added to {@code out} or in place of what it holds. */
  public static void product(
      DType type, int m, int n, int k, Matrix a, Matrix b, Matrix out, boolean add) {
    product(type, m, n, k, 1, a, b, out, add);
  }

  /** The same times {@code scale}. */
  public static void product(
      DType type, int m, int n, int k, double scale, Matrix a, Matrix b, Matrix out, boolean add) {
    int rows = UNPACKED / Math.max(1, n * k) / 8 * 8;
    if (type != DType.F32 || b.transposed || n > 128 || k > 512 || rows < 24 || m <= rows) {
      call(type, m, n, k, scale, a, b, out, add);
      return;
    }
    rows = Math.ceilDiv(Math.ceilDiv(m, Math.ceilDiv(m, rows)), 8) * 8;
    for (int i = 0; i < m; i += rows) {
      Matrix part = new Matrix(a.row(i), a.transposed, a.leading);
      Matrix to = new Matrix(out.row(i), false, out.leading);
      call(type, Math.min(rows, m - i), n, k, scale, part, b, to, add);
    }
  }

  private static void call(
      DType type, int m, int n, int k, double scale, Matrix a, Matrix b, Matrix out, boolean add) {
    try {
      if (type == DType.F32) {
        SGEMM.invokeExact(
            ROW_MAJOR,
            a.order(),
            b.order(),
            m,
            n,
            k,
            (float) scale,
            a.address,
            a.leading,
            b.address,
            b.leading,
            add ? 1f : 0f,
            out.address,
            out.leading);
      } else {
        DGEMM.invokeExact(
            ROW_MAJOR,
            a.order(),
            b.order(),
            m,
            n,
            k,
            scale,
            a.address,
            a.leading,
            b.address,
            b.leading,
            add ? 1d : 0d,
            out.address,
            out.leading);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
