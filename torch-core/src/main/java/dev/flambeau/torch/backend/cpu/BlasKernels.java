package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.backend.cpu.lapack.Blas;
import dev.flambeau.torch.op.MatMul;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.LongFunction;

/**
 * Matrix products of F32 and F64 by OpenBLAS. oneDNN 3.11 reaches 140 GFLOP/s on plain row-major
 * F32 matrices where OpenBLAS reaches 270 (two cores with AVX-512, 1024^3 and 4096x768x3072).
 * Products are split by rows or columns over our own threads, which are awake, and batches by
 * matrices. Small ones stay with oneDNN, whose code for the very shape starts faster.
 */
final class BlasKernels {
  /** Multiplications that are worth a thread of their own: some 15 us. */
  private static final long GRAIN = 1 << 20;

  /** Multiplications from which the call of OpenBLAS is the faster one for F32. */
  private static final long SMALL = 1 << 15;

  private static final int TILE = 16;

  private final DType type;
  private final Tensor a;
  private final Tensor b;
  private final Tensor out;

  /** The address of a number for each column, or 0. */
  private final long bias;

  private final int m;
  private final int n;
  private final int k;

  private BlasKernels(Tensor a, Tensor b, long bias, Tensor out) {
    this.type = a.dtype();
    this.a = a;
    this.b = b;
    this.out = out;
    this.bias = bias;
    this.m = (int) out.size(-2);
    this.n = (int) out.size(-1);
    this.k = (int) a.size(-1);
  }

  /** To be called before other kernels for products are registered. */
  static void register(Kernels kernels, LongFunction<Storage> allocator) {
    if (!NativeLibraries.allowed()) {
      return;
    }
    kernels.register(
        MatMul.class,
        (_, in, out) -> accepts(in[0], in[1], out[0]) && (in.length < 3 || in[2].isContiguous()),
        (_, in, out) -> {
          Tensor a = readable(in[0], allocator);
          Tensor b = readable(in[1], allocator);
          run(a, b, in.length > 2 ? in[2].address() : 0, out[0]);
          if (a != in[0]) {
            a.storage().free();
          }
          if (b != in[1]) {
            b.storage().free();
          }
        });
  }

  private static boolean accepts(Tensor a, Tensor b, Tensor out) {
    DType type = a.dtype();
    if (type != DType.F32 && type != DType.F64 || b.dtype() != type || !out.isContiguous()) {
      return false;
    }
    long inner = a.size(-1);
    long rows = out.size(-2);
    long columns = out.size(-1);
    boolean sizes =
        out.numel() > 0 && inner > 0 && Math.max(inner, Math.max(rows, columns)) < 1L << 31;
    return sizes && (type == DType.F64 || rows * columns * inner >= SMALL) && Blas.has(type);
  }

  private static void run(Tensor a, Tensor b, long bias, Tensor out) {
    // One matrix for all of a contiguous batch: the batch's rows are rows of one large matrix.
    if (b.dim() == 2 && a.dim() > 2 && a.isContiguous() && out.numel() / out.size(-1) < 1L << 31) {
      Tensor rows =
          Elements.over(a, Layout.contiguous(Shape.of(a.numel() / a.size(-1), a.size(-1))));
      Shape shape = Shape.of(out.numel() / out.size(-1), out.size(-1));
      new BlasKernels(rows, b, bias, Elements.over(out, Layout.contiguous(shape))).run();
    } else {
      new BlasKernels(a, b, bias, out).run();
    }
  }

  private void run() {
    long[] batch = Arrays.copyOf(out.shape().sizes(), out.dim() - 2);
    Strided strided =
        Strided.of(
            Shape.of(batch),
            LinearKernels.matrices(out, batch),
            LinearKernels.matrices(a, batch),
            LinearKernels.matrices(b, batch));
    long each = (long) m * n * k;
    long matrices = strided.outer() * strided.inner();
    if (matrices == 1) {
      split(strided.base(1), strided.base(2), strided.base(0));
      return;
    }
    boolean wide = strided.outer() < strided.inner();
    Parallel.run(
        wide ? strided.inner() : strided.outer(),
        (wide ? strided.outer() : strided.inner()) * each / (GRAIN / Parallel.GRAIN),
        (from, to) -> {
          if (wide) {
            strided.forEach((at, _) -> products(strided, at, from, to));
          } else {
            strided.forEach(from, to, (at, count) -> products(strided, at, 0, count));
          }
        });
  }

  private void products(Strided strided, long[] at, long from, long to) {
    for (long i = from; i < to; i++) {
      product(
          at[1] + i * strided.stride(1),
          at[2] + i * strided.stride(2),
          at[0] + i * strided.stride(0),
          bias,
          m,
          n);
    }
  }

  /** One product over all threads, by the longer side of the result. */
  private void split(long pa, long pb, long po) {
    int longer = Math.max(m, n);
    int parts = (int) Math.min(Math.min(Parallel.THREADS, longer / TILE), (long) m * n * k / GRAIN);
    if (parts <= 1) {
      product(pa, pb, po, bias, m, n);
      return;
    }
    int width = type.bytes();
    Parallel.split(
        parts,
        part -> {
          int from = edge(longer, part, parts);
          int size = edge(longer, part + 1, parts) - from;
          if (m >= n) {
            long row = from * a.layout().stride(a.dim() - 2) * width;
            product(pa + row, pb, po + (long) from * n * width, bias, size, n);
          } else {
            long column = from * b.layout().stride(b.dim() - 1) * width;
            long shift = (long) from * width;
            product(pa, pb + column, po + shift, bias == 0 ? 0 : bias + shift, m, size);
          }
        });
  }

  private static int edge(int size, int part, int parts) {
    return part == parts ? size : (int) ((long) size * part / parts / TILE * TILE);
  }

  /** The rows start as the bias, so that adding it costs no pass of its own. */
  private void product(long pa, long pb, long po, long offsets, int rows, int columns) {
    if (offsets != 0) {
      long bytes = (long) columns * type.bytes();
      for (long r = 0; r < rows; r++) {
        MemorySegment.copy(Memory.ALL, offsets, Memory.ALL, po + r * n * type.bytes(), bytes);
      }
    }
    Blas.Matrix x = new Blas.Matrix(pa, transposed(a.layout()), leading(a.layout()));
    Blas.Matrix y = new Blas.Matrix(pb, transposed(b.layout()), leading(b.layout()));
    Blas.product(type, rows, columns, k, x, y, new Blas.Matrix(po, false, n), offsets != 0);
  }

  /** Whether a matrix is read by columns; an axis of size 1 has no say. */
  private static boolean transposed(Layout l) {
    return !byRows(l, l.rank() - 2, l.rank() - 1);
  }

  private static boolean byRows(Layout l, int rows, int columns) {
    long distance = l.stride(rows);
    return (l.size(columns) == 1 || l.stride(columns) == 1)
        && (l.size(rows) == 1 || distance >= l.size(columns) && distance < 1L << 31);
  }

  private static int leading(Layout l) {
    int rows = transposed(l) ? l.rank() - 1 : l.rank() - 2;
    int columns = 2 * l.rank() - 3 - rows;
    return (int) (l.size(rows) == 1 ? l.size(columns) : l.stride(rows));
  }

  /** The tensor itself if OpenBLAS can read its matrices, else a row-major copy. */
  private static Tensor readable(Tensor t, LongFunction<Storage> allocator) {
    Layout l = t.layout();
    int rank = l.rank();
    if (byRows(l, rank - 2, rank - 1) || byRows(l, rank - 1, rank - 2)) {
      return t;
    }
    Layout layout = Layout.contiguous(t.shape());
    Storage storage = allocator.apply(t.numel() * t.dtype().bytes());
    Tensor copy = new Tensor(storage, layout, t.dtype());
    Elements.move(t, copy);
    return copy;
  }
}
