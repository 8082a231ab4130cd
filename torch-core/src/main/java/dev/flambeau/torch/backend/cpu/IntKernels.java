package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.backend.cpu.onednn.OneDnn;
import dev.flambeau.torch.op.Conv;
import dev.flambeau.torch.op.IntConv;
import dev.flambeau.torch.op.IntMatMul;
import java.util.Arrays;

/**
 * Products of 8-bit integers in plain Java, in doubles, which hold every sum: the twin of the
 * native ones. Where there are natives but none that is exact, large products are left to the
 * operators' decompositions.
 */
final class IntKernels {
  /** Multiplications up to which this is faster than what a decomposition starts. */
  private static final double SMALL = 1 << 15;

  private IntKernels() {}

  static void register(Kernels kernels) {
    boolean alone = OneDnn.missing().isPresent();
    kernels.register(
        IntMatMul.class,
        (_, in, out) -> alone || (double) out[0].numel() * in[0].size(-1) <= SMALL,
        (_, in, out) -> matmul(in, out[0]));
    kernels.register(
        IntConv.class,
        (_, in, out) -> alone || (double) out[0].numel() * in[1].numel() <= SMALL,
        (op, in, out) -> conv(op, in, out[0]));
  }

  /** Elements minus their zero points, row-major over {@code shape}, to which both broadcast. */
  private static double[] centred(Tensor x, Tensor zero, Shape shape, int... order) {
    double[] all = Reals.load(Elements.over(x, x.layout().broadcast(shape)), order);
    double[] less = Reals.load(Elements.over(zero, zero.layout().broadcast(shape)), order);
    for (int i = 0; i < all.length; i++) {
      all[i] -= less[i];
    }
    return all;
  }

  static void matmul(Tensor[] in, Tensor out) {
    int rank = out.dim();
    int n = (int) out.size(-1);
    int k = (int) in[0].size(-1);
    int m = (int) out.size(-2);
    long[] sizes = out.shape().sizes();
    sizes[rank - 1] = k;
    double[] a = centred(in[0], in[2], Shape.of(sizes));
    sizes[rank - 2] = k;
    sizes[rank - 1] = n;
    double[] b = centred(in[1], in[3], Shape.of(sizes));
    Reals.parallel(
        n == 0 ? 0 : out.numel() / n,
        row -> {
          double[] sums = new double[n];
          int matrix = row / m * k;
          for (int l = 0; l < k; l++) {
            double factor = a[row * k + l];
            int from = (matrix + l) * n;
            for (int j = 0; j < n; j++) {
              sums[j] += factor * b[from + j];
            }
          }
          for (int j = 0; j < n; j++) {
            long at = out.address() + ((long) row * n + j) * Integer.BYTES;
            Memory.ALL.set(Memory.INT, at, (int) (long) sums[j]);
          }
        });
  }

  static void conv(IntConv op, Tensor[] in, Tensor out) {
    int rank = out.dim();
    long[] channels = new long[rank];
    Arrays.fill(channels, 1);
    channels[0] = in[3].numel();
    Tensor zero = Elements.over(in[3], in[3].layout().reshaped(Shape.of(channels)).orElseThrow());
    double[] x = centred(in[0], in[2], in[0].shape(), ConvKernels.channelsLast(rank));
    double[] w = centred(in[1], zero, in[1].shape(), ConvKernels.matrices(rank, 1, 0));
    ConvKernels.loops(new Conv(op.window(), op.groups()), in, out).forward(x, w, null, out);
  }
}
