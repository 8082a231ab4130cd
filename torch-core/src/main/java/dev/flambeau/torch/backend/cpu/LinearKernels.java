package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.op.MatMul;

/** Matrix products in plain Java: the twin of the native ones, and what integers use. */
final class LinearKernels {
  private LinearKernels() {}

  static void register(Kernels kernels) {
    kernels.register(MatMul.class, (_, in, out) -> matmul(in[0], in[1], out[0]));
  }

  static void matmul(Tensor a, Tensor b, Tensor out) {
    int rank = out.dim();
    long m = out.size(-2);
    long n = out.size(-1);
    long k = a.size(-1);
    long[] batch = java.util.Arrays.copyOf(out.shape().sizes(), rank - 2);
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
  private static Tensor matrices(Tensor t, long[] batch) {
    int lead = t.dim() - 2;
    Shape shape = Shape.of(java.util.Arrays.copyOf(t.shape().sizes(), lead));
    Layout layout =
        Layout.of(shape, java.util.Arrays.copyOf(t.layout().strides(), lead), t.layout().offset());
    return new Tensor(t.storage(), layout.broadcast(Shape.of(batch)), t.dtype());
  }

  private static void product(
      Tensor a, Tensor b, Tensor out, long pa, long pb, long po, long m, long n, long k) {
    DType type = a.dtype();
    int w = type.bytes();
    long am = a.layout().stride(a.dim() - 2) * w;
    long ak = a.layout().stride(a.dim() - 1) * w;
    long bk = b.layout().stride(b.dim() - 2) * w;
    long bn = b.layout().stride(b.dim() - 1) * w;
    for (long i = 0; i < m; i++) {
      for (long j = 0; j < n; j++) {
        double real = 0;
        long whole = 0;
        for (long l = 0; l < k; l++) {
          long x = pa + i * am + l * ak;
          long y = pb + l * bk + j * bn;
          if (type.isFloat()) {
            real += Memory.real(type, x) * Memory.real(type, y);
          } else {
            whole += Memory.integer(type, x) * Memory.integer(type, y);
          }
        }
        long at = po + (i * n + j) * w;
        if (type.isFloat()) {
          Memory.real(type, at, real);
        } else {
          Memory.integer(type, at, whole);
        }
      }
    }
  }
}
