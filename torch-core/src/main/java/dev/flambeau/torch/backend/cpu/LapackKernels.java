package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.cpu.lapack.Lapack;
import dev.flambeau.torch.op.Cholesky;
import dev.flambeau.torch.op.Eigh;
import dev.flambeau.torch.op.Ldl;
import dev.flambeau.torch.op.LuFactor;
import dev.flambeau.torch.op.PseudoInverse;
import dev.flambeau.torch.op.Qr;
import dev.flambeau.torch.op.Svd;
import dev.flambeau.torch.op.TriangularSolve;
import java.util.Arrays;

/** Factorizations of batches of matrices, computed in double. */
final class LapackKernels {
  /** One matrix of a batch: its inputs and outputs, row-major. */
  @FunctionalInterface
  interface Matrix {
    void run(double[][] in, double[][] out);
  }

  private LapackKernels() {}

  static void register(Kernels kernels) {
    kernels.register(Cholesky.class, (_, in, out) -> each(in, out, cholesky(in[0])));
    kernels.register(LuFactor.class, (op, in, out) -> each(in, out, lu(in[0], op.pivot())));
    kernels.register(LuFactor.Permutation.class, (op, in, out) -> permutation(op, in, out));
    kernels.register(TriangularSolve.class, (op, in, out) -> each(in, out, triangular(op, in[1])));
    kernels.register(Qr.class, (_, in, out) -> each(in, out, qr(in[0], out[0])));
    kernels.register(Qr.Raw.class, (_, in, out) -> each(in, out, raw(in[0])));
    kernels.register(Eigh.class, (_, in, out) -> each(in, out, eigh(in[0])));
    kernels.register(Svd.class, (op, in, out) -> each(in, out, svd(in[0], op.full())));
    kernels.register(
        PseudoInverse.class, (op, in, out) -> each(in, out, pinv(in[0], op.hermitian())));
    kernels.register(Ldl.class, (_, in, out) -> each(in, out, ldl(in[0])));
    kernels.register(Ldl.Solution.class, (_, in, out) -> each(in, out, ldlSolve(in[2])));
    EliminationKernels.register(kernels);
  }

  static int rows(Tensor t) {
    return (int) t.size(-2);
  }

  static int columns(Tensor t) {
    return (int) t.size(-1);
  }

  /** Runs a computation on each matrix of a batch; the first input's last two axes are one. */
  static void each(Tensor[] in, Tensor[] out, Matrix matrix) {
    long count = 1;
    for (int i = 0; i < in[0].dim() - 2; i++) {
      count *= in[0].size(i);
    }
    int batch = Math.toIntExact(count);
    double[][] inputs = new double[in.length][];
    for (int i = 0; i < in.length; i++) {
      inputs[i] = Reals.load(in[i]);
    }
    double[][] outputs = new double[out.length][];
    for (int i = 0; i < out.length; i++) {
      outputs[i] = new double[(int) out[i].numel()];
    }
    if (batch == 1) {
      matrix.run(inputs, outputs);
    } else {
      Reals.parallel(batch, b -> one(inputs, outputs, b, batch, matrix));
    }
    for (int i = 0; i < out.length; i++) {
      Reals.store(outputs[i], out[i]);
    }
  }

  private static void one(double[][] in, double[][] out, int b, int batch, Matrix matrix) {
    double[][] x = new double[in.length][];
    for (int i = 0; i < in.length; i++) {
      int size = in[i].length / batch;
      x[i] = Arrays.copyOfRange(in[i], b * size, (b + 1) * size);
    }
    double[][] y = new double[out.length][];
    for (int i = 0; i < out.length; i++) {
      y[i] = new double[out[i].length / batch];
    }
    matrix.run(x, y);
    for (int i = 0; i < out.length; i++) {
      System.arraycopy(y[i], 0, out[i], b * y[i].length, y[i].length);
    }
  }

  private static Matrix cholesky(Tensor a) {
    int n = columns(a);
    return (in, out) -> {
      out[1][0] = Lapack.get().potrf(in[0], n);
      for (int i = 0; i < n; i++) {
        System.arraycopy(in[0], i * n, out[0], i * n, i + 1);
      }
    };
  }

  private static Matrix lu(Tensor a, boolean pivot) {
    int m = rows(a);
    int n = columns(a);
    return (in, out) -> {
      int[] pivots = new int[out[1].length];
      out[2][0] =
          pivot
              ? Lapack.get().getrf(in[0], m, n, pivots)
              : EliminationKernels.withoutExchanges(in[0], m, n, pivots);
      store(pivots, out[1]);
      System.arraycopy(in[0], 0, out[0], 0, in[0].length);
    };
  }

  static void store(int[] from, double[] to) {
    for (int i = 0; i < from.length; i++) {
      to[i] = from[i];
    }
  }

  private static void permutation(LuFactor.Permutation op, Tensor[] in, Tensor[] out) {
    double[] pivots = Reals.load(in[0]);
    int k = columns(in[0]);
    int n = (int) op.rows();
    double[] all = new double[(int) out[0].numel()];
    for (int b = 0; n > 0 && b < all.length / n; b++) {
      for (int i = 0; i < n; i++) {
        all[b * n + i] = i;
      }
      for (int i = 0; i < k; i++) {
        int with = (int) pivots[b * k + i] - 1;
        double t = all[b * n + i];
        all[b * n + i] = all[b * n + with];
        all[b * n + with] = t;
      }
    }
    Reals.store(all, out[0]);
  }

  private static Matrix triangular(TriangularSolve op, Tensor b) {
    int n = rows(b);
    int k = columns(b);
    return (in, out) -> {
      System.arraycopy(in[1], 0, out[0], 0, in[1].length);
      EliminationKernels.substitute(in[0], n, out[0], k, op.upper(), op.unit());
    };
  }

  private static Matrix qr(Tensor a, Tensor q) {
    int m = rows(a);
    int n = columns(a);
    int wide = columns(q);
    return (in, out) -> {
      double[] tau = new double[Math.min(m, n)];
      Lapack.get().geqrf(in[0], m, n, tau);
      for (int i = 0; i < Math.min(wide, m); i++) {
        for (int j = i; j < n; j++) {
          out[1][i * n + j] = in[0][i * n + j];
        }
        System.arraycopy(in[0], i * n, out[0], i * wide, Math.min(i, Math.min(n, wide)));
      }
      for (int i = wide; i < m; i++) {
        System.arraycopy(in[0], i * n, out[0], i * wide, Math.min(n, wide));
      }
      Lapack.get().orgqr(out[0], m, wide, tau.length, tau);
    };
  }

  private static Matrix raw(Tensor a) {
    int m = rows(a);
    int n = columns(a);
    return (in, out) -> {
      Lapack.get().geqrf(in[0], m, n, out[1]);
      System.arraycopy(in[0], 0, out[0], 0, in[0].length);
    };
  }

  private static Matrix eigh(Tensor a) {
    int n = columns(a);
    return (in, out) -> {
      System.arraycopy(in[0], 0, out[1], 0, n * n);
      Lapack.get().syevd(out[1], n, out[0]);
    };
  }

  private static Matrix svd(Tensor a, boolean full) {
    int m = rows(a);
    int n = columns(a);
    return (in, out) -> Lapack.get().gesdd(in[0], m, n, full, out[0], out[1], out[2]);
  }

  /** V S^+ U^T; inputs are the matrix and its two tolerances. */
  private static Matrix pinv(Tensor a, boolean hermitian) {
    int m = rows(a);
    int n = columns(a);
    int k = Math.min(m, n);
    return (in, out) -> {
      if (hermitian) {
        for (int i = 0; i < n; i++) {
          for (int j = i + 1; j < n; j++) {
            in[0][i * n + j] = in[0][j * n + i];
          }
        }
      }
      double[] u = new double[m * k];
      double[] s = new double[k];
      double[] vt = new double[k * n];
      Lapack.get().gesdd(in[0], m, n, false, u, s, vt);
      double least = k == 0 ? 0 : Math.max(in[1][0], in[2][0] * s[0]);
      for (int l = 0; l < k && s[l] > least; l++) {
        for (int i = 0; i < n; i++) {
          double scale = vt[l * n + i] / s[l];
          for (int j = 0; j < m; j++) {
            out[0][i * m + j] += scale * u[j * k + l];
          }
        }
      }
    };
  }

  private static Matrix ldl(Tensor a) {
    int n = columns(a);
    return (in, out) -> {
      int[] pivots = new int[n];
      out[2][0] = Lapack.get().sytrf(in[0], n, pivots);
      store(pivots, out[1]);
      for (int i = 0; i < n; i++) {
        System.arraycopy(in[0], i * n, out[0], i * n, i + 1);
      }
    };
  }

  private static Matrix ldlSolve(Tensor b) {
    int n = rows(b);
    int k = columns(b);
    return (in, out) -> {
      System.arraycopy(in[2], 0, out[0], 0, in[2].length);
      EliminationKernels.ldlSolve(in[0], n, in[1], out[0], k);
    };
  }
}
