package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.op.MatMul;
import dev.flambeau.torch.op.Pointwise;
import java.util.Arrays;

/** Matrix products in plain Java: the twin of the native ones, and what integers use. */
final class LinearKernels {
  private LinearKernels() {}

  static void register(Kernels kernels) {
    kernels.register(
        MatMul.class,
        (_, in, out) -> {
          matmul(in[0], in[1], out[0]);
          if (in.length > 2) {
            PointwiseKernels.run(Pointwise.ADD, new Tensor[] {out[0], in[2]}, out);
          }
        });
  }

  static void matmul(Tensor a, Tensor b, Tensor out) {
    int rank = out.dim();
    long m = out.size(-2);
    long n = out.size(-1);
    long k = a.size(-1);
    long[] batch = Arrays.copyOf(out.shape().sizes(), rank - 2);
    Strided strided =
        Strided.of(Shape.of(batch), matrices(out, batch), matrices(a, batch), matrices(b, batch));
    strided.forEach(
        (addresses, count) -> {
          for (long i = 0; i < count; i++) {
            product(
                a,
                b,
                out,
                addresses[1] + i * strided.stride(1),
                addresses[2] + i * strided.stride(2),
                addresses[0] + i * strided.stride(0),
                m,
                n,
                k);
          }
        });
  }

  /** The first elements of a batch of matrices. */
  static Tensor matrices(Tensor t, long[] batch) {
    int lead = t.dim() - 2;
    Shape shape = Shape.of(Arrays.copyOf(t.shape().sizes(), lead));
    Layout layout =
        Layout.of(shape, Arrays.copyOf(t.layout().strides(), lead), t.layout().offset());
    return new Tensor(t.storage(), layout.broadcast(Shape.of(batch)), t.dtype());
  }

  private static void product(
      Tensor a, Tensor b, Tensor out, long pa, long pb, long po, long m, long n, long k) {
    DType type = a.dtype();
    if (type.isFloat()) {
      real(a, b, out, pa, pb, po, (int) m, (int) n, (int) k);
      return;
    }
    int w = type.bytes();
    long am = a.layout().stride(a.dim() - 2) * w;
    long ak = a.layout().stride(a.dim() - 1) * w;
    long bk = b.layout().stride(b.dim() - 2) * w;
    long bn = b.layout().stride(b.dim() - 1) * w;
    for (long i = 0; i < m; i++) {
      for (long j = 0; j < n; j++) {
        long sum = 0;
        for (long l = 0; l < k; l++) {
          long x = pa + i * am + l * ak;
          long y = pb + l * bk + j * bn;
          sum += Memory.integer(type, x) * Memory.integer(type, y);
        }
        Memory.integer(type, po + (i * n + j) * w, sum);
      }
    }
  }

  /** Rows of the second matrix, scaled and added: the inner loop runs over neighbours. */
  private static void real(
      Tensor a, Tensor b, Tensor out, long pa, long pb, long po, int m, int n, int k) {
    int width = a.dtype().bytes();
    double[] x = Reals.load(matrix(a, pa, m, k));
    double[] y = Reals.load(matrix(b, pb, k, n));
    double[] sums = new double[m * n];
    Reals.Part row =
        i -> {
          for (int l = 0; l < k; l++) {
            double scale = x[i * k + l];
            for (int j = 0; j < n; j++) {
              sums[i * n + j] += scale * y[l * n + j];
            }
          }
        };
    if ((long) m * n * k > 1 << 16) {
      Reals.parallel(m, row);
    } else {
      for (int i = 0; i < m; i++) {
        row.run(i);
      }
    }
    for (int i = 0; i < sums.length; i++) {
      Memory.real(out.dtype(), po + (long) i * width, sums[i]);
    }
  }

  /** One matrix of a batch, starting at an address. */
  private static Tensor matrix(Tensor batch, long address, long rows, long columns) {
    Layout layout = batch.layout();
    long[] strides = {layout.stride(batch.dim() - 2), layout.stride(batch.dim() - 1)};
    long offset = (address - batch.storage().address()) / batch.dtype().bytes();
    return new Tensor(
        batch.storage(), Layout.of(Shape.of(rows, columns), strides, offset), batch.dtype());
  }
}
