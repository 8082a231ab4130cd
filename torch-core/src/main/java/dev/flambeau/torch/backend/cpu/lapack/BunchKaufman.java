package dev.flambeau.torch.backend.cpu.lapack;

/**
 * P L D L^T P^T of a symmetric matrix, lower triangle, with blocks of 1 and 2 in D (Bunch and
 * Kaufman 1977). Pivots as LAPACK stores them: k &gt; 0 in a row says that it was exchanged with
 * row k; a pair -k, -k marks a block of 2 whose second row was exchanged with row k.
 */
final class BunchKaufman {
  private static final double ALPHA = (1 + Math.sqrt(17)) / 8;

  private BunchKaufman() {}

  static int factor(double[] a, int n, int[] pivots) {
    int info = 0;
    int k = 0;
    while (k < n) {
      int largest = largest(a, n, k, k + 1);
      double below = largest < 0 ? 0 : Math.abs(a[largest * n + k]);
      double diagonal = Math.abs(a[k * n + k]);
      if (Math.max(diagonal, below) == 0) {
        info = info == 0 ? k + 1 : info;
        pivots[k] = k + 1;
        k++;
        continue;
      }
      int size = 1;
      int with = k;
      if (diagonal < ALPHA * below) {
        double row = rowMaximum(a, n, k, largest);
        if (diagonal * row < ALPHA * below * below) {
          with = largest;
          size = Math.abs(a[largest * n + largest]) >= ALPHA * row ? 1 : 2;
        }
      }
      exchange(a, n, k, k + size - 1, with);
      if (size == 1) {
        pivots[k] = with + 1;
        one(a, n, k);
      } else {
        pivots[k] = -(with + 1);
        pivots[k + 1] = -(with + 1);
        two(a, n, k);
      }
      k += size;
    }
    return info;
  }

  /** The row of the largest element of column k from a row on; -1 if there are none. */
  private static int largest(double[] a, int n, int k, int from) {
    int best = -1;
    for (int i = from; i < n; i++) {
      if (best < 0 || Math.abs(a[i * n + k]) > Math.abs(a[best * n + k])) {
        best = i;
      }
    }
    return best;
  }

  /** The largest element outside the diagonal of a row of what is left. */
  private static double rowMaximum(double[] a, int n, int k, int row) {
    double most = 0;
    for (int j = k; j < row; j++) {
      most = Math.max(most, Math.abs(a[row * n + j]));
    }
    for (int i = row + 1; i < n; i++) {
      most = Math.max(most, Math.abs(a[i * n + row]));
    }
    return most;
  }

  /** Exchanges rows and columns i and j &gt; i of what is left from column k on. */
  private static void exchange(double[] a, int n, int k, int i, int j) {
    if (i == j) {
      return;
    }
    for (int r = j + 1; r < n; r++) {
      swap(a, r * n + i, r * n + j);
    }
    for (int c = i + 1; c < j; c++) {
      swap(a, c * n + i, j * n + c);
    }
    swap(a, i * n + i, j * n + j);
    if (i > k) {
      swap(a, i * n + k, j * n + k);
    }
  }

  private static void swap(double[] a, int i, int j) {
    double t = a[i];
    a[i] = a[j];
    a[j] = t;
  }

  private static void one(double[] a, int n, int k) {
    double inverse = 1 / a[k * n + k];
    for (int j = k + 1; j < n; j++) {
      double factor = a[j * n + k] * inverse;
      for (int i = j; i < n; i++) {
        a[i * n + j] -= factor * a[i * n + k];
      }
    }
    for (int i = k + 1; i < n; i++) {
      a[i * n + k] *= inverse;
    }
  }

  private static void two(double[] a, int n, int k) {
    double d21 = a[(k + 1) * n + k];
    double d11 = a[(k + 1) * n + k + 1] / d21;
    double d22 = a[k * n + k] / d21;
    double t = 1 / (d11 * d22 - 1) / d21;
    for (int j = k + 2; j < n; j++) {
      double x = a[j * n + k];
      double y = a[j * n + k + 1];
      double w = t * (d11 * x - y);
      double z = t * (d22 * y - x);
      for (int i = j; i < n; i++) {
        a[i * n + j] -= a[i * n + k] * w + a[i * n + k + 1] * z;
      }
      a[j * n + k] = w;
      a[j * n + k + 1] = z;
    }
  }
}
