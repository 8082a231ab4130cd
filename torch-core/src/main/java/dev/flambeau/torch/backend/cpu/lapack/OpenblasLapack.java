package dev.flambeau.torch.backend.cpu.lapack;

import static org.bytedeco.openblas.global.openblas.LAPACKE_dgeqrf;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgesdd;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgetrf;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dorgqr;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dpotrf;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dsyevd;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dsytrf;

import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;

/** LAPACK as OpenBLAS has it. Leading dimensions are at least 1, as LAPACK wants them. */
final class OpenblasLapack implements Lapack {
  private static final int ROWS = openblas.LAPACK_ROW_MAJOR;

  /** Elements of a matrix from which more than one thread is worth its start. */
  private static final long LARGE = 512 * 512;

  private OpenblasLapack() {}

  /** OpenBLAS, or why it cannot be used: nothing for this machine, or switched off. */
  static Lapack load() throws IOException {
    Optional<String> missing = Blas.missing();
    if (missing.isPresent()) {
      throw new IOException(missing.get());
    }
    Loader.load(openblas.class);
    return new OpenblasLapack();
  }

  /** Runs a factorization of so many elements, a large one on all processors. */
  private static int run(long elements, IntSupplier routine) {
    if (elements < LARGE) {
      return routine.getAsInt();
    }
    Blas.threads(Runtime.getRuntime().availableProcessors());
    try {
      return routine.getAsInt();
    } finally {
      Blas.threads(1);
    }
  }

  private static int checked(String routine, int info) {
    if (info < 0) {
      throw TorchException.device("LAPACK's " + routine + " refuses argument " + -info, null);
    }
    return info;
  }

  private static void converged(String routine, int info) {
    if (checked(routine, info) > 0) {
      throw TorchException.argument(
          routine, "input", "a matrix for which it does not converge", "finite numbers");
    }
  }

  @Override
  public int potrf(double[] a, int n) {
    return n == 0
        ? 0
        : checked("potrf", run((long) n * n, () -> LAPACKE_dpotrf(ROWS, (byte) 'L', n, a, n)));
  }

  @Override
  public int getrf(double[] a, int m, int n, int[] pivots) {
    return m == 0 || n == 0
        ? 0
        : checked("getrf", run((long) m * n, () -> LAPACKE_dgetrf(ROWS, m, n, a, n, pivots)));
  }

  @Override
  public void geqrf(double[] a, int m, int n, double[] tau) {
    if (m > 0 && n > 0) {
      checked("geqrf", run((long) m * n, () -> LAPACKE_dgeqrf(ROWS, m, n, a, n, tau)));
    }
  }

  @Override
  public void orgqr(double[] a, int m, int n, int k, double[] tau) {
    if (n > 0) {
      checked("orgqr", run((long) m * n, () -> LAPACKE_dorgqr(ROWS, m, n, k, a, n, tau)));
    }
  }

  @Override
  public void syevd(double[] a, int n, double[] values) {
    if (n > 0) {
      converged(
          "linalg.eigh",
          run((long) n * n, () -> LAPACKE_dsyevd(ROWS, (byte) 'V', (byte) 'L', n, a, n, values)));
    }
  }

  @Override
  public void gesdd(double[] a, int m, int n, boolean full, double[] u, double[] s, double[] vt) {
    if (m == 0 || n == 0) {
      JavaSpectra.identity(u, full ? m : 0);
      JavaSpectra.identity(vt, full ? n : 0);
      return;
    }
    int k = Math.min(m, n);
    byte job = (byte) (full ? 'A' : 'S');
    converged(
        "linalg.svd",
        run((long) m * n, () -> LAPACKE_dgesdd(ROWS, job, m, n, a, n, s, u, full ? m : k, vt, n)));
  }

  @Override
  public int sytrf(double[] a, int n, int[] pivots) {
    return n == 0
        ? 0
        : checked(
            "sytrf", run((long) n * n, () -> LAPACKE_dsytrf(ROWS, (byte) 'L', n, a, n, pivots)));
  }
}
