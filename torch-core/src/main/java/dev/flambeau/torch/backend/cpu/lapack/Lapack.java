package dev.flambeau.torch.backend.cpu.lapack;

import java.io.IOException;
import org.slf4j.LoggerFactory;

/**
 * Dense factorizations of one row-major matrix of doubles, in place, named as LAPACK's. Two of a
 * kind: OpenBLAS, and plain Java, which is what runs where that cannot be loaded and what it is
 * compared with.
 */
public interface Lapack {
  /**
   * Lower L of the symmetric a (n, n), of which the lower triangle is read and written.
   *
   * @return 0, or the order of the leading minor that is not positive
   */
  int potrf(double[] a, int n);

  /**
   * L and U of a (m, n) with row exchanges: row i with row {@code pivots[i] - 1}.
   *
   * @return 0, or one plus the first place of a zero on the diagonal of U
   */
  int getrf(double[] a, int m, int n, int[] pivots);

  /** R in a (m, n), reflection vectors below it, their factors in tau. */
  void geqrf(double[] a, int m, int n, double[] tau);

  /** The first n columns of the product of k reflections, whose vectors are in a (m, n). */
  void orgqr(double[] a, int m, int n, int k, double[] tau);

  /** Ascending eigenvalues of the symmetric a (n, n), lower triangle; a becomes the vectors. */
  void syevd(double[] a, int n, double[] values);

  /** Singular values, descending, of a (m, n), which is lost; u (m, m or k), vt (n or k, n). */
  void gesdd(double[] a, int m, int n, boolean full, double[] u, double[] s, double[] vt);

  /**
   * Bunch-Kaufman factors of the symmetric a (n, n), lower triangle.
   *
   * @return 0, or one plus the first place of a zero block
   */
  int sytrf(double[] a, int n, int[] pivots);

  /** The one to use: OpenBLAS if it can be loaded, loaded at the first call. */
  static Lapack get() {
    return Chosen.LAPACK;
  }

  /** Holds the choice. */
  final class Chosen {
    private static final Lapack LAPACK = choose();

    private Chosen() {}

    private static Lapack choose() {
      String reason;
      try {
        return OpenblasLapack.load();
      } catch (IOException e) {
        reason = e.getMessage();
      } catch (RuntimeException | LinkageError e) {
        reason = e.toString();
      }
      LoggerFactory.getLogger(Lapack.class)
          .info(
              "OpenBLAS is not used ({}); plain Java factorizations run instead. It needs"
                  + " org.bytedeco:openblas-platform on the class path",
              reason);
      return new JavaLapack();
    }
  }
}
