package dev.flambeau.torch.backend.cpu.lapack;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntToDoubleFunction;

/**
 * Eigenvalues and singular values by Jacobi's rotations: slower than reduction to band form, but
 * short and accurate (Golub and Van Loan, sections 8.5 and 8.6).
 */
final class JavaSpectra {
  private static final int SWEEPS = 60;
  private static final double EPSILON = 0x1p-52;

  private JavaSpectra() {}

  /** Ascending eigenvalues; the lower triangle is read, a becomes the vectors. */
  static void eigen(double[] a, int n, double[] values) {
    double[] x = a.clone();
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        x[i * n + j] = x[j * n + i];
      }
    }
    double[] v = new double[n * n];
    identity(v, n);
    boolean rotated = true;
    for (int sweep = 0; rotated && sweep < SWEEPS; sweep++) {
      rotated = false;
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          rotated |= rotate(x, v, n, p, q);
        }
      }
    }
    Integer[] order = order(n, i -> x[i * n + i]);
    for (int k = 0; k < n; k++) {
      values[k] = x[order[k] * n + order[k]];
      for (int i = 0; i < n; i++) {
        a[i * n + k] = v[i * n + order[k]];
      }
    }
  }

  /** Makes x[p][q] 0; false if it is so already. */
  private static boolean rotate(double[] x, double[] v, int n, int p, int q) {
    double off = x[p * n + q];
    double scale = Math.sqrt(Math.abs(x[p * n + p]) * Math.abs(x[q * n + q]));
    if (off == 0 || Math.abs(off) <= EPSILON * scale || Math.abs(off) < Double.MIN_NORMAL) {
      return false;
    }
    double t = tangent((x[q * n + q] - x[p * n + p]) / (2 * off));
    double c = 1 / Math.sqrt(1 + t * t);
    double s = t * c;
    for (int k = 0; k < n; k++) {
      turn(x, k * n + p, k * n + q, c, s);
    }
    for (int k = 0; k < n; k++) {
      turn(x, p * n + k, q * n + k, c, s);
      turn(v, k * n + p, k * n + q, c, s);
    }
    return true;
  }

  private static double tangent(double theta) {
    double size = 1 / (Math.abs(theta) + Math.hypot(theta, 1));
    return theta < 0 ? -size : size;
  }

  private static void turn(double[] x, int i, int j, double c, double s) {
    double a = x[i];
    double b = x[j];
    x[i] = c * a - s * b;
    x[j] = s * a + c * b;
  }

  private static Integer[] order(int n, IntToDoubleFunction key) {
    Integer[] order = new Integer[n];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(key::applyAsDouble));
    return order;
  }

  static void identity(double[] x, int n) {
    for (int i = 0; i < n; i++) {
      x[i * n + i] = 1;
    }
  }

  /** One-sided: the columns of the taller side are rotated until they are orthogonal. */
  static void singular(
      double[] a, int m, int n, boolean full, double[] u, double[] s, double[] vt) {
    boolean tall = m >= n;
    int rows = tall ? m : n;
    int k = tall ? n : m;
    // Columns as rows of an array.
    double[] columns = tall ? transposed(a, m, n) : a.clone();
    double[] turns = new double[k * k];
    identity(turns, k);
    boolean rotated = true;
    for (int sweep = 0; rotated && sweep < SWEEPS; sweep++) {
      rotated = false;
      for (int p = 0; p < k; p++) {
        for (int q = p + 1; q < k; q++) {
          rotated |= orthogonalize(columns, turns, rows, k, p, q);
        }
      }
    }
    double[] norms = new double[k];
    Arrays.setAll(norms, i -> norm(columns, i * rows, rows));
    Integer[] order = order(k, i -> -norms[i]);
    int wide = full ? rows : k;
    double[] left = new double[wide * rows];
    double[] right = new double[k * k];
    double least = k == 0 ? 0 : norms[order[0]] * rows * EPSILON;
    int found = 0;
    for (int i = 0; i < k; i++) {
      s[i] = norms[order[i]];
      System.arraycopy(turns, order[i] * k, right, i * k, k);
      if (s[i] > least) {
        for (int r = 0; r < rows; r++) {
          left[i * rows + r] = columns[order[i] * rows + r] / s[i];
        }
        found++;
      }
    }
    complete(left, found, wide, rows);
    // Rows of left are the vectors of the longer side, rows of right those of the shorter.
    System.arraycopy(
        tall ? transposed(left, wide, rows) : transposed(right, k, k), 0, u, 0, u.length);
    System.arraycopy(tall ? right : left, 0, vt, 0, vt.length);
  }

  private static boolean orthogonalize(
      double[] columns, double[] turns, int rows, int k, int p, int q) {
    double pp = 0;
    double qq = 0;
    double pq = 0;
    for (int r = 0; r < rows; r++) {
      double x = columns[p * rows + r];
      double y = columns[q * rows + r];
      pp += x * x;
      qq += y * y;
      pq += x * y;
    }
    if (pq == 0 || Math.abs(pq) <= EPSILON * Math.sqrt(pp * qq)) {
      return false;
    }
    double t = tangent((qq - pp) / (2 * pq));
    double c = 1 / Math.sqrt(1 + t * t);
    for (int r = 0; r < rows; r++) {
      turn(columns, p * rows + r, q * rows + r, c, t * c);
    }
    for (int r = 0; r < k; r++) {
      turn(turns, p * k + r, q * k + r, c, t * c);
    }
    return true;
  }

  private static double norm(double[] x, int from, int count) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += x[i] * x[i];
    }
    return Math.sqrt(sum);
  }

  private static double[] transposed(double[] x, int m, int n) {
    double[] out = new double[x.length];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        out[j * m + i] = x[i * n + j];
      }
    }
    return out;
  }

  /** Fills rows {@code from} on so that all are orthonormal (Gram-Schmidt, twice is enough). */
  private static void complete(double[] x, int from, int to, int length) {
    int axis = 0;
    for (int row = from; row < to; axis++) {
      Arrays.fill(x, row * length, (row + 1) * length, 0);
      x[row * length + axis] = 1;
      for (int again = 0; again < 2; again++) {
        for (int other = 0; other < row; other++) {
          double dot = 0;
          for (int i = 0; i < length; i++) {
            dot += x[row * length + i] * x[other * length + i];
          }
          for (int i = 0; i < length; i++) {
            x[row * length + i] -= dot * x[other * length + i];
          }
        }
      }
      double norm = norm(x, row * length, length);
      // Some axis has at least this part outside the span of the rows so far.
      if (norm > 0.5 / Math.sqrt(length)) {
        for (int i = 0; i < length; i++) {
          x[row * length + i] /= norm;
        }
        row++;
      }
    }
  }
}
