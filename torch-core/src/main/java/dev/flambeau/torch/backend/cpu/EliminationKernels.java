package dev.flambeau.torch.backend.cpu;

import static dev.flambeau.torch.backend.cpu.LapackKernels.columns;
import static dev.flambeau.torch.backend.cpu.LapackKernels.each;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.cpu.lapack.Lapack;
import dev.flambeau.torch.op.Determinant;
import dev.flambeau.torch.op.Solve;

/** What follows from triangular factors: substitution, inverses, determinants. */
final class EliminationKernels {
  private EliminationKernels() {}

  static void register(Kernels kernels) {
    kernels.register(Solve.class, (_, in, out) -> each(in, out, solve(in[1])));
    kernels.register(Solve.Inverse.class, (_, in, out) -> each(in, out, inverse(in[0])));
    kernels.register(Determinant.class, (_, in, out) -> each(in, out, determinant(in[0])));
    kernels.register(Determinant.Logarithm.class, (_, in, out) -> each(in, out, logarithm(in[0])));
    kernels.register(Determinant.Cofactors.class, (_, in, out) -> each(in, out, cofactors(in[0])));
  }

  /** Gaussian elimination that takes the diagonal as it comes; as getrf otherwise. */
  static int withoutExchanges(double[] a, int m, int n, int[] pivots) {
    int info = 0;
    for (int j = 0; j < Math.min(m, n); j++) {
      pivots[j] = j + 1;
      double pivot = a[j * n + j];
      info = pivot == 0 && info == 0 ? j + 1 : info;
      for (int i = j + 1; pivot != 0 && i < m; i++) {
        double factor = a[i * n + j] / pivot;
        a[i * n + j] = factor;
        for (int c = j + 1; c < n; c++) {
          a[i * n + c] -= factor * a[j * n + c];
        }
      }
    }
    return info;
  }

  /** b (n, k) becomes A^-1 b for a triangular A. */
  static void substitute(double[] a, int n, double[] b, int k, boolean upper, boolean unit) {
    for (int step = 0; step < n; step++) {
      int i = upper ? n - 1 - step : step;
      int from = upper ? i + 1 : 0;
      int to = upper ? n : i;
      for (int j = from; j < to; j++) {
        double factor = a[i * n + j];
        for (int c = 0; factor != 0 && c < k; c++) {
          b[i * k + c] -= factor * b[j * k + c];
        }
      }
      for (int c = 0; !unit && c < k; c++) {
        b[i * k + c] /= a[i * n + i];
      }
    }
  }

  /** b becomes A^-1 b; a is lost. Returns getrf's answer. */
  private static int solve(double[] a, int n, double[] b, int k) {
    int[] pivots = new int[n];
    int info = Lapack.get().getrf(a, n, n, pivots);
    for (int i = 0; i < n; i++) {
      swapRows(b, k, i, pivots[i] - 1);
    }
    substitute(a, n, b, k, false, true);
    substitute(a, n, b, k, true, false);
    return info;
  }

  private static void swapRows(double[] b, int k, int i, int j) {
    for (int c = 0; i != j && c < k; c++) {
      double t = b[i * k + c];
      b[i * k + c] = b[j * k + c];
      b[j * k + c] = t;
    }
  }

  private static LapackKernels.Matrix solve(Tensor b) {
    int n = LapackKernels.rows(b);
    int k = columns(b);
    return (in, out) -> {
      System.arraycopy(in[1], 0, out[0], 0, in[1].length);
      out[1][0] = solve(in[0], n, out[0], k);
    };
  }

  private static LapackKernels.Matrix inverse(Tensor a) {
    int n = columns(a);
    return (in, out) -> {
      for (int i = 0; i < n; i++) {
        out[0][i * n + i] = 1;
      }
      out[1][0] = solve(in[0], n, out[0], n);
    };
  }

  private static LapackKernels.Matrix determinant(Tensor a) {
    int n = columns(a);
    return (in, out) -> out[0][0] = determinant(in[0], n);
  }

  private static double determinant(double[] a, int n) {
    int[] pivots = new int[n];
    Lapack.get().getrf(a, n, n, pivots);
    double product = 1;
    for (int i = 0; i < n; i++) {
      product *= pivots[i] == i + 1 ? a[i * n + i] : -a[i * n + i];
    }
    return product;
  }

  private static LapackKernels.Matrix logarithm(Tensor a) {
    int n = columns(a);
    return (in, out) -> {
      int[] pivots = new int[n];
      Lapack.get().getrf(in[0], n, n, pivots);
      double sign = 1;
      double sum = 0;
      for (int i = 0; i < n; i++) {
        double pivot = in[0][i * n + i];
        sign *= Math.signum(pivot) * (pivots[i] == i + 1 ? 1 : -1);
        sum += Math.log(Math.abs(pivot));
      }
      out[0][0] = sign;
      out[1][0] = sum;
    };
  }

  /** det(U) det(V) U diag(products of the other singular values) V^T. */
  private static LapackKernels.Matrix cofactors(Tensor a) {
    int n = columns(a);
    return (in, out) -> {
      double[] u = new double[n * n];
      double[] s = new double[n];
      double[] vt = new double[n * n];
      Lapack.get().gesdd(in[0], n, n, true, u, s, vt);
      double sign =
          Math.signum(determinant(u.clone(), n)) * Math.signum(determinant(vt.clone(), n));
      for (int l = 0; l < n; l++) {
        double others = sign;
        for (int i = 0; i < n; i++) {
          others *= i == l ? 1 : s[i];
        }
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < n; j++) {
            out[0][i * n + j] += others * u[i * n + l] * vt[l * n + j];
          }
        }
      }
    };
  }

  /** b becomes A^-1 b from factors as sytrf gives them, lower triangle. */
  static void ldlSolve(double[] a, int n, double[] pivots, double[] b, int k) {
    for (int j = 0; j < n; ) {
      int size = pivots[j] < 0 ? 2 : 1;
      swapRows(b, k, j + size - 1, (int) Math.abs(pivots[j]) - 1);
      for (int i = j + size; i < n; i++) {
        for (int l = j; l < j + size; l++) {
          add(b, k, i, l, -a[i * n + l]);
        }
      }
      divide(a, n, b, k, j, size);
      j += size;
    }
    for (int j = n - 1; j >= 0; ) {
      int size = pivots[j] < 0 ? 2 : 1;
      for (int i = j + 1; i < n; i++) {
        for (int l = j; l > j - size; l--) {
          add(b, k, l, i, -a[i * n + l]);
        }
      }
      swapRows(b, k, j, (int) Math.abs(pivots[j]) - 1);
      j -= size;
    }
  }

  /** Row {@code to} plus a multiple of row {@code from}. */
  private static void add(double[] b, int k, int to, int from, double factor) {
    for (int c = 0; c < k; c++) {
      b[to * k + c] += factor * b[from * k + c];
    }
  }

  /** Rows j on by a block of D. */
  private static void divide(double[] a, int n, double[] b, int k, int j, int size) {
    for (int c = 0; c < k; c++) {
      double x = b[j * k + c];
      if (size == 1) {
        b[j * k + c] = x / a[j * n + j];
      } else {
        double y = b[(j + 1) * k + c];
        double p = a[j * n + j];
        double q = a[(j + 1) * n + j];
        double r = a[(j + 1) * n + j + 1];
        double det = p * r - q * q;
        b[j * k + c] = (r * x - q * y) / det;
        b[(j + 1) * k + c] = (p * y - q * x) / det;
      }
    }
  }
}
