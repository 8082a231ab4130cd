package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.backend.cpu.lapack.Blas;
import dev.flambeau.torch.backend.cpu.vector.FloatMath;
import dev.flambeau.torch.backend.cpu.vector.VectorRows;
import dev.flambeau.torch.op.Attention;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.LongFunction;

/**
 * Attention in F32: each thread takes a head through all steps, so that scores stay in its cache
 * and nothing is copied. Heads are read and written where they lie, between those of other heads.
 */
final class AttentionKernels {
  private static final long FLOAT = Float.BYTES;

  /** Rows whose gradients by the scores are computed at a time. */
  private static final int ROWS = 256;

  /** Elements whose exponentials are computed at a time; whole groups. */
  private static final long BLOCK = 1 << 20;

  private final LongFunction<Storage> allocator;

  private AttentionKernels(LongFunction<Storage> allocator) {
    this.allocator = allocator;
  }

  static void register(Kernels kernels, LongFunction<Storage> allocator) {
    if (!Blas.has(DType.F32) || !FloatMath.vectors()) {
      return;
    }
    AttentionKernels all = new AttentionKernels(allocator);
    kernels.register(
        Attention.class,
        (_, in, out) -> suits(in[0], in[1], in[2], out[0]) && suitsMask(in),
        all::forward);
    kernels.register(
        Attention.Backward.class,
        (_, in, out) -> suits(in[0], in[1], in[2], in[3], in[4], out[0], out[1], out[2]),
        all::backward);
  }

  /** Whether there are heads for all threads, and rows that OpenBLAS can read. */
  private static boolean suits(Tensor... tensors) {
    for (Tensor t : tensors) {
      Layout l = t.layout();
      int rank = l.rank();
      boolean plain =
          t.dtype() == DType.F32
              && t.numel() > 0
              && (l.size(rank - 1) == 1 || l.stride(rank - 1) == 1)
              && (l.size(rank - 2) == 1 || l.stride(rank - 2) >= l.size(rank - 1))
              && Math.max(l.stride(rank - 2), Math.max(l.size(rank - 2), l.size(rank - 1)))
                  < 1L << 31;
      if (!plain || heads(t) < Parallel.THREADS) {
        return false;
      }
    }
    return true;
  }

  private static boolean suitsMask(Tensor[] in) {
    return in.length < 4 || in[3].dtype() == DType.F32;
  }

  private static int heads(Tensor t) {
    return (int) (t.numel() / t.size(-1) / t.size(-2));
  }

  /** Where each head's matrix begins. */
  private static long[] starts(Tensor t) {
    long[] starts = new long[heads(t)];
    long[] index = new long[t.dim() - 2];
    for (int i = 0; i < starts.length; i++) {
      long offset = 0;
      for (int d = 0; d < index.length; d++) {
        offset += index[d] * t.layout().stride(d);
      }
      starts[i] = t.address() + offset * FLOAT;
      for (int d = index.length - 1; d >= 0 && ++index[d] == t.size(d); d--) {
        index[d] = 0;
      }
    }
    return starts;
  }

  private static Blas.Matrix matrix(Tensor t, long address, boolean transposed) {
    Layout l = t.layout();
    long leading = l.size(l.rank() - 2) == 1 ? l.size(l.rank() - 1) : l.stride(l.rank() - 2);
    return new Blas.Matrix(address, transposed, (int) leading);
  }

  private void forward(Attention op, Tensor[] in, Tensor[] out) {
    Tensor q = in[0];
    Tensor k = in[1];
    Tensor v = in[2];
    int l = (int) q.size(-2);
    int s = (int) k.size(-2);
    long[] qs = starts(q);
    long[] ks = starts(k);
    long[] vs = starts(v);
    long[] ys = starts(out[0]);
    long[] ps = starts(out[1]);
    Tensor mask = in.length > 3 ? broadcast(in[3], out[1].shape()) : null;
    long[] ms = mask == null ? null : starts(mask);
    Parallel.run(
        qs.length,
        (long) l * s * (q.size(-1) + v.size(-1)),
        (from, to) -> {
          Storage rest = allocator.apply(FloatMath.GROUP * FLOAT);
          float[] lanes = new float[VectorRows.LANES];
          for (int h = (int) from; h < to; h++) {
            Blas.product(
                DType.F32,
                l,
                s,
                (int) q.size(-1),
                op.scale(),
                matrix(q, qs[h], false),
                matrix(k, ks[h], true),
                matrix(out[1], ps[h], false),
                false);
            for (int i = 0; i < l; i++) {
              long scores = ps[h] + (long) i * s * FLOAT;
              if (mask != null) {
                add(mask, ms[h], i, scores, s);
              }
              for (int j = op.causal() ? i + 1 : s; j < s; j++) {
                Memory.ALL.set(Memory.FLOAT, scores + j * FLOAT, Float.NEGATIVE_INFINITY);
              }
              VectorRows.affine(scores, 1, -VectorRows.max(scores, s), scores, s);
            }
            exp(ps[h], (long) l * s, rest.address());
            for (int i = 0; i < l; i++) {
              long row = ps[h] + (long) i * s * FLOAT;
              VectorRows.affine(row, 1 / VectorRows.sum(row, s, lanes), 0, row, s);
            }
            Blas.product(
                DType.F32,
                l,
                (int) v.size(-1),
                s,
                matrix(out[1], ps[h], false),
                matrix(v, vs[h], false),
                matrix(out[0], ys[h], false));
          }
          rest.free();
        });
  }

  private static Tensor broadcast(Tensor mask, Shape shape) {
    return new Tensor(mask.storage(), mask.layout().broadcast(shape), mask.dtype());
  }

  private static void add(Tensor mask, long head, int row, long scores, int count) {
    Layout l = mask.layout();
    long from = head + row * l.stride(l.rank() - 2) * FLOAT;
    long step = l.stride(l.rank() - 1) * FLOAT;
    for (int j = 0; j < count; j++) {
      float score = Memory.ALL.get(Memory.FLOAT, scores + j * FLOAT);
      float more = Memory.ALL.get(Memory.FLOAT, from + j * step);
      Memory.ALL.set(Memory.FLOAT, scores + j * FLOAT, score + more);
    }
  }

  /** In place; the last ones, which are no whole group, by way of a row with room for one. */
  private static void exp(long at, long count, long rest) {
    long groups = count / FloatMath.GROUP * FloatMath.GROUP;
    for (long i = 0; i < groups; i += BLOCK) {
      long from = at + i * FLOAT;
      FloatMath.INSTANCE.exp(from, from, (int) Math.min(BLOCK, groups - i));
    }
    if (groups < count) {
      long bytes = (count - groups) * FLOAT;
      MemorySegment.copy(Memory.ALL, at + groups * FLOAT, Memory.ALL, rest, bytes);
      FloatMath.INSTANCE.exp(rest, rest, FloatMath.GROUP);
      MemorySegment.copy(Memory.ALL, rest, Memory.ALL, at + groups * FLOAT, bytes);
    }
  }

  private void backward(Attention.Backward op, Tensor[] in, Tensor[] out) {
    int l = (int) in[1].size(-2);
    int s = (int) in[2].size(-2);
    long[][] starts = Arrays.stream(in).map(AttentionKernels::starts).toArray(long[][]::new);
    long[][] results = Arrays.stream(out).map(AttentionKernels::starts).toArray(long[][]::new);
    Parallel.run(
        starts[0].length,
        2L * l * s * (in[1].size(-1) + in[3].size(-1)),
        (from, to) -> {
          Storage scores = allocator.apply((long) Math.min(ROWS, l) * s * FLOAT);
          for (int h = (int) from; h < to; h++) {
            long[] at = new long[starts.length];
            long[] by = new long[results.length];
            for (int i = 0; i < at.length; i++) {
              at[i] = starts[i][h];
            }
            for (int i = 0; i < by.length; i++) {
              by[i] = results[i][h];
            }
            for (int row = 0; row < l; row += ROWS) {
              rows(op.scale(), in, at, out, by, row, Math.min(ROWS, l - row), scores.address());
            }
          }
          scores.free();
        });
  }

  /** The part that some rows of a head have in the gradients. */
  private static void rows(
      double scale,
      Tensor[] in,
      long[] at,
      Tensor[] out,
      long[] by,
      int first,
      int count,
      long scores) {
    int s = (int) in[2].size(-2);
    int d = (int) in[1].size(-1);
    int e = (int) in[3].size(-1);
    Blas.Matrix g = matrix(in[0], at[0] + first * step(in[0]), false);
    Blas.Matrix weights = new Blas.Matrix(at[4] + (long) first * s * FLOAT, false, s);
    Blas.Matrix work = new Blas.Matrix(scores, false, s);
    Blas.product(DType.F32, count, s, e, g, matrix(in[3], at[3], true), work);
    float[] lanes = new float[VectorRows.LANES];
    for (int i = 0; i < count; i++) {
      long y = weights.address() + (long) i * s * FLOAT;
      long row = scores + (long) i * s * FLOAT;
      VectorRows.softmaxGradient(y, row, VectorRows.dot(y, row, s, lanes), s);
    }
    Blas.Matrix q = matrix(in[1], at[1] + first * step(in[1]), false);
    Blas.Matrix byQ = matrix(out[0], by[0] + first * step(out[0]), false);
    Blas.product(DType.F32, count, d, s, scale, work, matrix(in[2], at[2], false), byQ, false);
    Blas.Matrix turned = new Blas.Matrix(scores, true, s);
    Blas.Matrix byK = matrix(out[1], by[1], false);
    Blas.product(DType.F32, s, d, count, scale, turned, q, byK, first > 0);
    Blas.Matrix byV = matrix(out[2], by[2], false);
    turned = new Blas.Matrix(weights.address(), true, s);
    Blas.product(DType.F32, s, e, count, turned, g, byV, first > 0);
  }

  /** Bytes from row to row. */
  private static long step(Tensor t) {
    return t.layout().stride(t.dim() - 2) * FLOAT;
  }
}
