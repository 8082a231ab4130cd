package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.op.BatchNorm;
import dev.flambeau.torch.op.LayerNorm;
import java.util.Arrays;

/** Normalizations and their gradients in plain Java, computed in double. */
final class NormKernels {
  private NormKernels() {}

  static void register(Kernels kernels) {
    kernels.register(BatchNorm.class, NormKernels::batch);
    kernels.register(BatchNorm.Eval.class, NormKernels::batchEval);
    kernels.register(BatchNorm.Backward.class, NormKernels::batchBackward);
    kernels.register(LayerNorm.class, NormKernels::layer);
    kernels.register(LayerNorm.Backward.class, NormKernels::layerBackward);
  }

  /** Channels first: a channel's elements are a row. */
  private static int[] byChannel(Tensor x) {
    int[] order = new int[x.dim()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    order[0] = 1;
    order[1] = 0;
    return order;
  }

  /** Mean and 1 / sqrt(variance + eps) of a row. */
  private static double[] statistics(double[] x, int from, int count, double eps) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += x[from + i];
    }
    double mean = sum / count;
    double squares = 0;
    for (int i = 0; i < count; i++) {
      double d = x[from + i] - mean;
      squares += d * d;
    }
    return new double[] {mean, 1 / Math.sqrt(squares / count + eps)};
  }

  private static double[] ones(int count) {
    double[] ones = new double[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static void batch(BatchNorm op, Tensor[] in, Tensor[] out) {
    int channels = (int) in[0].size(1);
    int count = channels == 0 ? 0 : (int) (in[0].numel() / channels);
    double[] x = Reals.load(in[0], byChannel(in[0]));
    double[] weight = in.length > 1 ? Reals.load(in[1]) : ones(channels);
    double[] bias = in.length > 2 ? Reals.load(in[2]) : new double[channels];
    double[] mean = new double[channels];
    double[] invstd = new double[channels];
    Reals.parallel(
        channels,
        c -> {
          double[] s = statistics(x, c * count, count, op.eps());
          mean[c] = s[0];
          invstd[c] = s[1];
          affine(x, c * count, count, s[0], s[1] * weight[c], bias[c]);
          if (op.relu()) {
            positive(x, x, c * count, count);
          }
        });
    Reals.store(x, out[0], byChannel(in[0]));
    Reals.store(mean, out[1]);
    Reals.store(invstd, out[2]);
  }

  /** Sets elements to 0 where {@code y} is not positive. */
  private static void positive(double[] x, double[] y, int from, int count) {
    for (int i = from; i < from + count; i++) {
      x[i] = y[i] > 0 || Double.isNaN(y[i]) ? x[i] : 0;
    }
  }

  private static void affine(
      double[] x, int from, int count, double mean, double scale, double shift) {
    for (int i = from; i < from + count; i++) {
      x[i] = (x[i] - mean) * scale + shift;
    }
  }

  private static void batchEval(BatchNorm.Eval op, Tensor[] in, Tensor[] out) {
    int channels = (int) in[0].size(1);
    int count = channels == 0 ? 0 : (int) (in[0].numel() / channels);
    double[] x = Reals.load(in[0], byChannel(in[0]));
    double[] mean = Reals.load(in[1]);
    double[] variance = Reals.load(in[2]);
    double[] weight = Reals.load(in[3]);
    double[] bias = Reals.load(in[4]);
    Reals.parallel(
        channels,
        c -> {
          double scale = weight[c] / Math.sqrt(variance[c] + op.eps());
          affine(x, c * count, count, mean[c], scale, bias[c]);
        });
    Reals.store(x, out[0], byChannel(in[0]));
  }

  private static void batchBackward(BatchNorm.Backward op, Tensor[] in, Tensor[] out) {
    int channels = (int) in[1].size(1);
    int count = channels == 0 ? 0 : (int) (in[1].numel() / channels);
    double[] g = Reals.load(in[0], byChannel(in[1]));
    double[] x = Reals.load(in[1], byChannel(in[1]));
    double[] mean = Reals.load(in[2]);
    double[] invstd = Reals.load(in[3]);
    double[] weight = out.length > 1 ? Reals.load(in[4]) : ones(channels);
    if (op.relu()) {
      positive(g, Reals.load(in[in.length - 1], byChannel(in[1])), 0, g.length);
    }
    double[] sums = new double[channels];
    double[] dots = new double[channels];
    Reals.parallel(
        channels,
        c -> {
          int from = c * count;
          for (int i = from; i < from + count; i++) {
            x[i] = (x[i] - mean[c]) * invstd[c];
            sums[c] += g[i];
            dots[c] += g[i] * x[i];
          }
          gradient(g, x, from, count, sums[c] / count, dots[c] / count, invstd[c] * weight[c]);
        });
    Reals.store(g, out[0], byChannel(in[1]));
    if (out.length > 1) {
      Reals.store(dots, out[1]);
      Reals.store(sums, out[2]);
    }
  }

  /** g becomes (g - its mean - normal * their mean product) * scale. */
  private static void gradient(
      double[] g, double[] normal, int from, int count, double sum, double dot, double scale) {
    for (int i = from; i < from + count; i++) {
      g[i] = (g[i] - sum - normal[i] * dot) * scale;
    }
  }

  private static void layer(LayerNorm op, Tensor[] in, Tensor[] out) {
    int rows = (int) out[1].numel();
    int count = width(in[0], op.axes());
    double[] x = Reals.load(in[0]);
    double[] weight = in.length > 1 ? Reals.load(in[1]) : ones(count);
    double[] bias = in.length > 2 ? Reals.load(in[2]) : new double[count];
    double[] mean = new double[rows];
    double[] rstd = new double[rows];
    Reals.parallel(
        rows,
        r -> {
          double[] s = statistics(x, r * count, count, op.eps());
          mean[r] = s[0];
          rstd[r] = s[1];
          for (int i = 0; i < count; i++) {
            x[r * count + i] = (x[r * count + i] - s[0]) * s[1] * weight[i] + bias[i];
          }
        });
    Reals.store(x, out[0]);
    Reals.store(mean, out[1]);
    Reals.store(rstd, out[2]);
  }

  /** Elements of the last axes, also where there are no rows. */
  private static int width(Tensor x, int axes) {
    long count = 1;
    for (int i = 1; i <= axes; i++) {
      count *= x.size(-i);
    }
    return Math.toIntExact(count);
  }

  private static void layerBackward(LayerNorm.Backward op, Tensor[] in, Tensor[] out) {
    int rows = (int) in[2].numel();
    int count = width(in[1], op.axes());
    double[] g = Reals.load(in[0]);
    double[] x = Reals.load(in[1]);
    double[] mean = Reals.load(in[2]);
    double[] rstd = Reals.load(in[3]);
    double[] weight = in.length > 4 ? Reals.load(in[4]) : ones(count);
    double[] byWeight = new double[count];
    double[] byBias = new double[count];
    for (int r = 0; r < rows; r++) {
      int from = r * count;
      double sum = 0;
      double dot = 0;
      for (int i = 0; i < count; i++) {
        x[from + i] = (x[from + i] - mean[r]) * rstd[r];
        byWeight[i] += g[from + i] * x[from + i];
        byBias[i] += g[from + i];
        g[from + i] *= weight[i];
        sum += g[from + i];
        dot += g[from + i] * x[from + i];
      }
      gradient(g, x, from, count, sum / count, dot / count, rstd[r]);
    }
    Reals.store(g, out[0]);
    if (out.length > 1) {
      Reals.store(byWeight, out[1]);
      Reals.store(byBias, out[2]);
    }
  }
}
