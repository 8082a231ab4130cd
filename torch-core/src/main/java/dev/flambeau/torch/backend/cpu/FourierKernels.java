package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.op.HalfFft;
import dev.flambeau.torch.op.PairFft;

/** Fourier transforms along axes, computed in doubles. */
final class FourierKernels {
  private FourierKernels() {}

  static void register(Kernels kernels) {
    kernels.register(HalfFft.class, (op, in, out) -> run(op, in[0], out[0]));
    kernels.register(PairFft.class, (op, in, out) -> pairs(op, in[0], out[0]));
  }

  /** Row-major complex numbers. */
  private record Complex(double[] re, double[] im) {
    static Complex of(double[] re) {
      return new Complex(re, new double[re.length]);
    }
  }

  private static void run(HalfFft op, Tensor in, Tensor out) {
    if (out.numel() == 0 || in.numel() == 0) {
      Elements.zero(out);
      return;
    }
    Complex half = op.adjoint() ? half(op, in, out) : Complex.of(Reals.load(in));
    Shape shape = op.adjoint() ? out.shape() : in.shape();
    for (int i = 0; i < op.axes().size() - 1; i++) {
      transform(half, shape, op.axes().get(i));
    }
    Reals.store(op.adjoint() ? weighted(op, half.re, shape) : whole(op, half, in, out), out);
  }

  private static void pairs(PairFft op, Tensor in, Tensor out) {
    if (out.numel() == 0) {
      return;
    }
    double[] all = Reals.load(in);
    int n = all.length / 2;
    // The inverse is the transform between two conjugations.
    double sign = op.inverse() ? -1 : 1;
    Complex x = new Complex(new double[n], new double[n]);
    for (int i = 0; i < n; i++) {
      x.re[i] = all[2 * i];
      x.im[i] = sign * all[2 * i + 1];
    }
    transform(x, in.shape().reduce(new int[] {in.dim() - 1}, false), op.axis());
    for (int i = 0; i < n; i++) {
      all[2 * i] = x.re[i];
      all[2 * i + 1] = sign * x.im[i];
    }
    Reals.store(all, out);
  }

  private static long inner(Shape shape, int axis) {
    long inner = 1;
    for (int i = axis + 1; i < shape.rank(); i++) {
      inner *= shape.size(i);
    }
    return inner;
  }

  /** Transforms all lines along an axis. */
  private static void transform(Complex x, Shape shape, int axis) {
    int n = (int) shape.size(axis);
    int inner = (int) inner(shape, axis);
    Parallel.run(
        x.re.length / n,
        16L * n,
        (from, to) -> {
          Fourier fourier = new Fourier(n);
          double[] re = new double[n];
          double[] im = new double[n];
          for (long line = from; line < to; line++) {
            int start = (int) (line / inner * n * inner + line % inner);
            for (int k = 0; k < n; k++) {
              re[k] = x.re[start + k * inner];
              im[k] = x.im[start + k * inner];
            }
            fourier.transform(re, im);
            for (int k = 0; k < n; k++) {
              x.re[start + k * inner] = re[k];
              x.im[start + k * inner] = im[k];
            }
          }
        });
  }

  /** The first half of the spectra of real lines. */
  private static Complex half(HalfFft op, Tensor in, Tensor out) {
    double[] x = Reals.load(in);
    int n = (int) op.length();
    int kept = n / 2 + 1;
    int inner = (int) inner(in.shape(), op.last());
    Complex half = Complex.of(new double[(int) out.numel()]);
    Parallel.run(
        x.length / n,
        16L * n,
        (from, to) -> {
          Fourier fourier = new Fourier(n);
          double[] re = new double[n];
          double[] im = new double[n];
          for (long line = from; line < to; line++) {
            int outer = (int) (line / inner);
            int rest = (int) (line % inner);
            for (int k = 0; k < n; k++) {
              re[k] = x[(outer * n + k) * inner + rest];
              im[k] = 0;
            }
            fourier.transform(re, im);
            for (int k = 0; k < kept; k++) {
              half.re[(outer * kept + k) * inner + rest] = re[k];
              half.im[(outer * kept + k) * inner + rest] = im[k];
            }
          }
        });
    return half;
  }

  /** Real lines from the halves of their spectra. */
  private static double[] whole(HalfFft op, Complex half, Tensor in, Tensor out) {
    int n = (int) op.length();
    int kept = n / 2 + 1;
    int inner = (int) inner(in.shape(), op.last());
    double[] result = new double[(int) out.numel()];
    Parallel.run(
        result.length / n,
        16L * n,
        (from, to) -> {
          Fourier fourier = new Fourier(n);
          double[] re = new double[n];
          double[] im = new double[n];
          for (long line = from; line < to; line++) {
            int outer = (int) (line / inner);
            int rest = (int) (line % inner);
            for (int k = 0; k < kept; k++) {
              int at = (outer * kept + k) * inner + rest;
              boolean end = k == 0 || 2 * k == n;
              re[k] = half.re[at];
              im[k] = end ? 0 : half.im[at];
              re[end ? k : n - k] = re[k];
              im[end ? k : n - k] = -im[k];
            }
            fourier.transform(re, im);
            for (int k = 0; k < n; k++) {
              result[(outer * n + k) * inner + rest] = re[k] * op.scale();
            }
          }
        });
    return result;
  }

  private static double[] weighted(HalfFft op, double[] half, Shape shape) {
    long kept = shape.size(op.last());
    long inner = inner(shape, op.last());
    for (int i = 0; i < half.length; i++) {
      long k = i / inner % kept;
      half[i] *= k == 0 || 2 * k == op.length() ? op.scale() : 2 * op.scale();
    }
    return half;
  }
}
