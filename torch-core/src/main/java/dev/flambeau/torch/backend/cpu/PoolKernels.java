package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.op.AvgPool;
import dev.flambeau.torch.op.MaxPool;
import dev.flambeau.torch.op.Window;
import java.util.Arrays;
import java.util.List;

/** Pooling and its gradients in plain Java, computed in double. */
final class PoolKernels {
  private PoolKernels() {}

  static void register(Kernels kernels) {
    kernels.register(MaxPool.class, PoolKernels::maximum);
    kernels.register(MaxPool.Backward.class, PoolKernels::maximumBackward);
    kernels.register(AvgPool.class, PoolKernels::mean);
    kernels.register(AvgPool.Backward.class, PoolKernels::meanBackward);
  }

  /**
   * For element k of the kernel and position p, row-major over the spatial axes, the place in the
   * input, or -1 outside: {@code [k][p]}.
   *
   * @param kernel sizes, of which the last ones are the spatial axes'
   */
  static int[][] sources(Window window, Shape x, long[] kernel, Shape y) {
    int axes = window.axes();
    int lead = kernel.length - axes;
    int count = 1;
    int positions = 1;
    for (int i = 0; i < axes; i++) {
      count *= (int) kernel[lead + i];
      positions *= (int) y.size(i + 2);
    }
    int[][] out = new int[count][positions];
    for (int k = 0; k < count; k++) {
      for (int p = 0; p < positions; p++) {
        int restK = k;
        int restP = p;
        int scale = 1;
        int at = 0;
        for (int i = axes - 1; i >= 0 && at >= 0; i--) {
          int size = (int) x.size(i + 2);
          long place =
              restP % y.size(i + 2) * window.stride().get(i)
                  + restK % kernel[lead + i] * window.dilation().get(i)
                  - window.padding().get(i);
          at = place < 0 || place >= size ? -1 : at + (int) place * scale;
          scale *= size;
          restP /= (int) y.size(i + 2);
          restK /= (int) kernel[lead + i];
        }
        out[k][p] = at;
      }
    }
    return out;
  }

  private static long[] array(List<Long> list) {
    return list.stream().mapToLong(Long::longValue).toArray();
  }

  private static int spatial(Shape shape) {
    return (int) (shape.numel() / Math.max(shape.size(0) * shape.size(1), 1));
  }

  private static void maximum(MaxPool op, Tensor[] in, Tensor[] out) {
    Shape shape = in[0].shape();
    int[] order = ConvKernels.channelsLast(shape.rank());
    int[][] source = sources(op.window(), shape, array(op.kernel()), out[0].shape());
    double[] x = Reals.load(in[0], order);
    double[] y = new double[(int) out[0].numel()];
    double[] places = new double[y.length];
    int positions = spatial(out[0].shape());
    int size = spatial(shape);
    int channels = (int) shape.size(1);
    Reals.parallel(
        shape.size(0) * positions,
        np -> {
          int base = np / positions * size;
          int to = np * channels;
          Arrays.fill(y, to, to + channels, Double.NEGATIVE_INFINITY);
          Arrays.fill(places, to, to + channels, -1);
          for (int[] byPosition : source) {
            int q = byPosition[np % positions];
            for (int c = 0; q >= 0 && c < channels; c++) {
              double value = x[(base + q) * channels + c];
              if (value > y[to + c] || value != value || places[to + c] < 0) {
                y[to + c] = value;
                places[to + c] = q;
              }
            }
          }
        });
    Reals.store(y, out[0], order);
    Reals.store(places, out[1], order);
  }

  private static void maximumBackward(MaxPool.Backward op, Tensor[] in, Tensor[] out) {
    Shape shape = op.input();
    int[] order = ConvKernels.channelsLast(shape.rank());
    double[] g = Reals.load(in[0], order);
    double[] places = Reals.load(in[1], order);
    double[] x = new double[(int) shape.numel()];
    int channels = (int) shape.size(1);
    int positions = spatial(in[0].shape());
    int size = spatial(shape);
    Reals.parallel(
        shape.size(0),
        n -> {
          int from = n * positions * channels;
          for (int i = 0; i < positions * channels; i++) {
            int to = (n * size + (int) places[from + i]) * channels + i % channels;
            x[to] += g[from + i];
          }
        });
    Reals.store(x, out[0], order);
  }

  /** What to divide by at each position. */
  private static double[] divisors(AvgPool op, int[][] source, Shape x, Shape y) {
    int positions = spatial(y);
    double[] out = new double[positions];
    for (int p = 0; p < positions; p++) {
      if (op.divisor() != 0) {
        out[p] = op.divisor();
      } else if (op.countPadding()) {
        out[p] = covered(op, p, x, y);
      } else {
        for (int[] byPosition : source) {
          out[p] += byPosition[p] >= 0 ? 1 : 0;
        }
      }
    }
    return out;
  }

  /** Elements of the window inside the padded input. */
  private static double covered(AvgPool op, int position, Shape x, Shape y) {
    double count = 1;
    int rest = position;
    for (int i = op.window().axes() - 1; i >= 0; i--) {
      long start = rest % y.size(i + 2) * op.window().stride().get(i);
      long padded = x.size(i + 2) + op.window().padding().get(i) + op.window().paddingEnd().get(i);
      long inside = Math.ceilDiv(padded - start, op.window().dilation().get(i));
      count *= Math.min(op.kernel().get(i), inside);
      rest /= (int) y.size(i + 2);
    }
    return count;
  }

  private static void mean(AvgPool op, Tensor[] in, Tensor[] out) {
    Shape shape = in[0].shape();
    int[] order = ConvKernels.channelsLast(shape.rank());
    int[][] source = sources(op.window(), shape, array(op.kernel()), out[0].shape());
    double[] divisors = divisors(op, source, shape, out[0].shape());
    double[] x = Reals.load(in[0], order);
    double[] y = new double[(int) out[0].numel()];
    int positions = spatial(out[0].shape());
    int size = spatial(shape);
    int channels = (int) shape.size(1);
    Reals.parallel(
        shape.size(0) * positions,
        np -> {
          int p = np % positions;
          int base = np / positions * size;
          for (int[] byPosition : source) {
            int q = byPosition[p];
            for (int c = 0; q >= 0 && c < channels; c++) {
              y[np * channels + c] += x[(base + q) * channels + c];
            }
          }
          for (int c = 0; c < channels; c++) {
            y[np * channels + c] /= divisors[p];
          }
        });
    Reals.store(y, out[0], order);
  }

  private static void meanBackward(AvgPool.Backward op, Tensor[] in, Tensor[] out) {
    Shape shape = op.input();
    int[] order = ConvKernels.channelsLast(shape.rank());
    AvgPool pool = op.pool();
    int[][] source = sources(pool.window(), shape, array(pool.kernel()), in[0].shape());
    double[] divisors = divisors(pool, source, shape, in[0].shape());
    double[] g = Reals.load(in[0], order);
    double[] x = new double[(int) shape.numel()];
    int positions = spatial(in[0].shape());
    int size = spatial(shape);
    int channels = (int) shape.size(1);
    Reals.parallel(
        shape.size(0),
        n -> {
          for (int[] byPosition : source) {
            for (int p = 0; p < positions; p++) {
              int q = byPosition[p];
              for (int c = 0; q >= 0 && c < channels; c++) {
                x[(n * size + q) * channels + c] +=
                    g[(n * positions + p) * channels + c] / divisors[p];
              }
            }
          }
        });
    Reals.store(x, out[0], order);
  }
}
