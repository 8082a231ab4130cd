package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.Resample;
import dev.flambeau.torch.op.Resample.Taps;
import java.util.Arrays;
import java.util.stream.LongStream;

/** Where the elements of a resized image come from, and with which weights. */
final class Resizing {
  private Resizing() {}

  /**
   * The spatial axes of (N, C, ...) at other sizes.
   *
   * @param scales by which places are found; 0: the quotient of the sizes
   */
  static Tensor resized(
      Tensor x, long[] sizes, double[] scales, Interpolation mode, boolean align, boolean anti) {
    boolean exact = mode == Interpolation.NEAREST_EXACT;
    if (exact || mode == Interpolation.NEAREST) {
      Tensor out = x;
      for (int i = 0; i < sizes.length; i++) {
        double scale = scale(x, i, sizes, scales, false);
        long[] places = nearest(x.size(i + 2), sizes[i], scale, exact);
        out = out.indexSelect(i + 2, Torch.tensor(places));
      }
      return out;
    }
    Taps[] taps = new Taps[sizes.length];
    for (int i = 0; i < taps.length; i++) {
      taps[i] = taps(x, i, sizes[i], scale(x, i, sizes, scales, align), mode, align, anti);
    }
    int last = taps.length - 1;
    boolean joint = mode == Interpolation.LINEAR && !anti && last > 0;
    // Not rounded to 16 bits between the axes.
    Tensor out = x.dtype().bytes() < Float.BYTES ? x.to(DType.F32) : x;
    out = joint ? Resample.along(out, taps[last - 1], taps[last]) : Resample.along(out, taps[last]);
    for (int i = last - (joint ? 2 : 1); i >= 0; i--) {
      out = Resample.along(out, taps[i]);
    }
    return out.to(x.dtype());
  }

  /** Elements of the input for one of the output, in the precision of PyTorch. */
  private static double scale(Tensor x, int i, long[] sizes, double[] scales, boolean align) {
    long from = x.size(i + 2);
    double scale =
        align
            ? sizes[i] > 1 ? (from - 1.0) / (sizes[i] - 1) : 0
            : scales[i] > 0 ? 1 / scales[i] : (double) from / sizes[i];
    return x.dtype() == DType.F64 ? scale : (float) scale;
  }

  private static Taps taps(
      Tensor x, int i, long size, double scale, Interpolation mode, boolean align, boolean anti) {
    boolean cubic = mode == Interpolation.CUBIC;
    long from = x.size(i + 2);
    int count = anti ? 2 * (int) Math.ceil(support(scale, cubic)) + 1 : cubic ? 4 : 2;
    long[][] places = new long[count][(int) size];
    double[][] weights = new double[count][(int) size];
    if (anti) {
      smoothed(from, scale, cubic, places, weights);
    } else if (cubic) {
      cubic(from, scale, align, places, weights);
    } else {
      linear(from, scale, align, places, weights);
    }
    return new Taps(i + 2, from, places, weights);
  }

  private static long[] nearest(long from, long size, double scale, boolean exact) {
    long[] places = new long[(int) size];
    Arrays.setAll(
        places,
        i -> Math.min((long) Math.floor((float) ((i + (exact ? 0.5 : 0)) * scale)), from - 1));
    return places;
  }

  private static double position(int i, double scale, boolean align) {
    return align ? i * scale : (i + 0.5) * scale - 0.5;
  }

  private static void linear(
      long from, double scale, boolean align, long[][] places, double[][] weights) {
    for (int i = 0; i < places[0].length; i++) {
      double at = Math.max(position(i, scale, align), 0);
      long low = Math.min((long) at, from - 1);
      places[0][i] = low;
      places[1][i] = Math.min(low + 1, from - 1);
      weights[1][i] = Math.clamp(at - low, 0, 1);
      weights[0][i] = 1 - weights[1][i];
    }
  }

  private static void cubic(
      long from, double scale, boolean align, long[][] places, double[][] weights) {
    for (int i = 0; i < places[0].length; i++) {
      double at = position(i, scale, align);
      long low = (long) Math.floor(at);
      for (int t = 0; t < 4; t++) {
        places[t][i] = Math.clamp(low - 1 + t, 0, from - 1);
        weights[t][i] = cubicWeight(at - low + 1 - t, -0.75);
      }
    }
  }

  /** Keys' (1981) kernel. */
  private static double cubicWeight(double distance, double a) {
    double d = Math.abs(distance);
    if (d < 1) {
      return ((a + 2) * d - (a + 3)) * d * d + 1;
    }
    return d < 2 ? ((d - 5) * d + 8) * d * a - 4 * a : 0;
  }

  /** How far an element takes part on each side. */
  private static double support(double scale, boolean cubic) {
    return (cubic ? 2 : 1) * Math.max(scale, 1);
  }

  /** The kernel stretched over as many elements as one output element stands for. */
  private static void smoothed(
      long from, double scale, boolean cubic, long[][] places, double[][] weights) {
    double support = support(scale, cubic);
    int count = places.length;
    for (int i = 0; i < places[0].length; i++) {
      double center = scale * (i + 0.5);
      long start = Math.max((long) (center - support + 0.5), 0);
      long end = Math.min((long) (center + support + 0.5), from);
      double total = 0;
      for (int t = 0; t < count; t++) {
        double d = (start + t - center + 0.5) / Math.max(scale, 1);
        double w = cubic ? cubicWeight(d, -0.5) : Math.max(1 - Math.abs(d), 0);
        places[t][i] = Math.min(start + t, from - 1);
        weights[t][i] = start + t < end ? w : 0;
        total += weights[t][i];
      }
      for (int t = 0; t < count; t++) {
        weights[t][i] /= total;
      }
    }
  }

  static void check(Tensor input, long[] size) {
    long[] spatial = Arrays.stream(input.shape().sizes()).skip(2).toArray();
    if (spatial.length != size.length
        || LongStream.concat(Arrays.stream(spatial), Arrays.stream(size)).anyMatch(s -> s < 1)) {
      throw TorchException.argument(
          "interpolate",
          "size",
          Arrays.toString(size) + " for input " + input.shape(),
          "positive sizes before and after, one for each axis after batch and channels");
    }
  }
}
