package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.backend.cpu.lapack.Blas;
import dev.flambeau.torch.backend.cpu.vector.FloatMath;
import dev.flambeau.torch.backend.cpu.vector.VectorRows;
import dev.flambeau.torch.op.Fused;
import dev.flambeau.torch.op.MatMul;
import java.lang.foreign.MemorySegment;

/**
 * Products of few rows with a bias and what else is added, in F32: the steps of recurrent layers.
 * By blocks of columns that OpenBLAS multiplies without packing; a step of 32 sequences with 256
 * hidden numbers takes 70 us where oneDNN takes 400.
 */
final class FewRowsKernels {
  private static final int MOST_ROWS = 128;
  private static final int COLUMNS = 64;

  /** Multiplications up to which OpenBLAS does not pack, see {@link Blas}. */
  private static final int UNPACKED = 1_000_000;

  /** Multiplications that are worth waking a thread. */
  private static final long GRAIN = 1 << 21;

  private static final long FLOAT = Float.BYTES;

  private FewRowsKernels() {}

  static void register(Kernels kernels) {
    if (Blas.has(DType.F32) && FloatMath.vectors()) {
      kernels.register(
          Fused.class, (op, in, out) -> suits(op, in, out[0]), (_, in, out) -> run(in, out[0]));
    }
  }

  private static boolean suits(Fused op, Tensor[] in, Tensor out) {
    if (!(op.base() instanceof MatMul)
        || op.activation().isPresent()
        || out.dim() != 2
        || out.size(0) > MOST_ROWS
        || out.size(1) < COLUMNS) {
      return false;
    }
    for (Tensor t : in) {
      if (t.dtype() != DType.F32 || !t.isContiguous() || t.numel() == 0) {
        return false;
      }
    }
    return out.isContiguous() && in[1].numel() < 1L << 31;
  }

  private static void run(Tensor[] in, Tensor out) {
    int n = (int) out.size(1);
    int blocks = Math.ceilDiv(n, COLUMNS);
    long each = out.size(0) * in[0].size(1) * COLUMNS;
    int parts = Math.clamp(blocks * each / GRAIN, 1, Math.min(Parallel.THREADS, blocks));
    Parallel.split(
        parts,
        part -> {
          int from = blocks * part / parts * COLUMNS;
          int to = Math.min(n, blocks * (part + 1) / parts * COLUMNS);
          start(in, out, from, to - from);
          for (int column = from; column < to; column += COLUMNS) {
            product(in, out, column, Math.min(COLUMNS, to - column));
          }
        });
  }

  /** Bias and residual, to which products are added. */
  private static void start(Tensor[] in, Tensor out, int from, int count) {
    long row = out.size(1) * FLOAT;
    for (long r = 0; r < out.size(0); r++) {
      long to = out.address() + r * row + from * FLOAT;
      long bias = in[2].address() + from * FLOAT;
      MemorySegment.copy(Memory.ALL, bias, Memory.ALL, to, count * FLOAT);
      if (in.length > 3) {
        VectorRows.add(in[3].address() + r * row + from * FLOAT, to, count);
      }
    }
  }

  private static void product(Tensor[] in, Tensor out, int column, int count) {
    int m = (int) out.size(0);
    int n = (int) out.size(1);
    int k = (int) in[0].size(1);
    int parts = Math.ceilDiv(k, Math.max(16, UNPACKED / (m * COLUMNS)));
    int step = Math.ceilDiv(k, parts);
    for (int i = 0; i < k; i += step) {
      Blas.product(
          DType.F32,
          m,
          count,
          Math.min(step, k - i),
          new Blas.Matrix(in[0].address() + i * FLOAT, false, k),
          new Blas.Matrix(in[1].address() + ((long) i * n + column) * FLOAT, false, n),
          new Blas.Matrix(out.address() + column * FLOAT, false, n),
          true);
    }
  }
}
