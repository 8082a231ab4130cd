package dev.flambeau.torch.backend.cpu.lapack;

/**
 * Factorizations in plain Java, by the textbook (Golub and Van Loan, "Matrix Computations", 4th
 * edition, chapters 3 to 5).
 */
final class JavaLapack implements Lapack {
  @Override
  public int potrf(double[] a, int n) {
    for (int j = 0; j < n; j++) {
      double pivot = a[j * n + j] - dot(a, j * n, a, j * n, j);
      if (!(pivot > 0)) {
        return j + 1;
      }
      double root = Math.sqrt(pivot);
      a[j * n + j] = root;
      for (int i = j + 1; i < n; i++) {
        a[i * n + j] = (a[i * n + j] - dot(a, i * n, a, j * n, j)) / root;
      }
    }
    return 0;
  }

  private static double dot(double[] a, int from, double[] b, int start, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += a[from + i] * b[start + i];
    }
    return sum;
  }

  @Override
  public int getrf(double[] a, int m, int n, int[] pivots) {
    int info = 0;
    for (int j = 0; j < Math.min(m, n); j++) {
      int best = j;
      for (int i = j + 1; i < m; i++) {
        if (Math.abs(a[i * n + j]) > Math.abs(a[best * n + j])) {
          best = i;
        }
      }
      pivots[j] = best + 1;
      swapRows(a, n, j, best);
      double pivot = a[j * n + j];
      if (pivot == 0) {
        info = info == 0 ? j + 1 : info;
        continue;
      }
      eliminate(a, m, n, j);
    }
    return info;
  }

  /** Subtracts multiples of row j from those below it. */
  static void eliminate(double[] a, int m, int n, int j) {
    for (int i = j + 1; i < m; i++) {
      double factor = a[i * n + j] / a[j * n + j];
      a[i * n + j] = factor;
      for (int c = j + 1; c < n; c++) {
        a[i * n + c] -= factor * a[j * n + c];
      }
    }
  }

  static void swapRows(double[] a, int n, int i, int j) {
    for (int c = 0; i != j && c < n; c++) {
      double t = a[i * n + c];
      a[i * n + c] = a[j * n + c];
      a[j * n + c] = t;
    }
  }

  @Override
  public void geqrf(double[] a, int m, int n, double[] tau) {
    for (int j = 0; j < Math.min(m, n); j++) {
      double tail = 0;
      for (int i = j + 1; i < m; i++) {
        tail = Math.hypot(tail, a[i * n + j]);
      }
      double head = a[j * n + j];
      if (tail == 0) {
        tau[j] = 0;
        continue;
      }
      double norm = -Math.copySign(Math.hypot(head, tail), head);
      tau[j] = (norm - head) / norm;
      for (int i = j + 1; i < m; i++) {
        a[i * n + j] /= head - norm;
      }
      a[j * n + j] = norm;
      for (int c = j + 1; c < n; c++) {
        reflect(a, m, n, j, tau[j], a, n, c);
      }
    }
  }

  /** Applies I - tau v v^T to column c of b; v is column j of a from row j on, its head 1. */
  private static void reflect(
      double[] a, int m, int n, int j, double tau, double[] b, int width, int c) {
    double sum = b[j * width + c];
    for (int i = j + 1; i < m; i++) {
      sum += a[i * n + j] * b[i * width + c];
    }
    sum *= tau;
    b[j * width + c] -= sum;
    for (int i = j + 1; i < m; i++) {
      b[i * width + c] -= a[i * n + j] * sum;
    }
  }

  @Override
  public void orgqr(double[] a, int m, int n, int k, double[] tau) {
    double[] q = new double[m * n];
    for (int i = 0; i < Math.min(m, n); i++) {
      q[i * n + i] = 1;
    }
    for (int j = k - 1; j >= 0; j--) {
      for (int c = 0; c < n; c++) {
        reflect(a, m, n, j, tau[j], q, n, c);
      }
    }
    System.arraycopy(q, 0, a, 0, q.length);
  }

  @Override
  public void syevd(double[] a, int n, double[] values) {
    JavaSpectra.eigen(a, n, values);
  }

  @Override
  public void gesdd(double[] a, int m, int n, boolean full, double[] u, double[] s, double[] vt) {
    JavaSpectra.singular(a, m, n, full, u, s, vt);
  }

  @Override
  public int sytrf(double[] a, int n, int[] pivots) {
    return BunchKaufman.factor(a, n, pivots);
  }
}
