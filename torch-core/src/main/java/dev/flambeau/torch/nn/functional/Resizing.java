package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.Arrays;

/**
 * One axis after another to another size: each output element is a weighted sum of a few input
 * elements along the axis, whose places and weights are computed here.
 */
final class Resizing {
  /** Places in the input and their weights for each output element: {@code [tap][element]}. */
  private record Taps(long[][] places, double[][] weights) {}

  private Resizing() {}

  static Tensor along(
      Tensor x,
      int axis,
      long size,
      Interpolation mode,
      boolean align,
      double given,
      boolean anti) {
    long from = x.size(axis);
    double scale =
        mode != Interpolation.NEAREST && mode != Interpolation.NEAREST_EXACT && align
            ? size > 1 ? (from - 1.0) / (size - 1) : 0
            : given > 0 ? 1 / given : (double) from / size;
    // Positions in the precision of PyTorch's F32.
    scale = x.dtype() == DType.F64 ? scale : (float) scale;
    boolean exact = mode == Interpolation.NEAREST_EXACT;
    if (exact || mode == Interpolation.NEAREST) {
      return x.indexSelect(axis, Torch.tensor(nearest(from, size, scale, exact)));
    }
    boolean cubic = mode == Interpolation.CUBIC;
    Taps taps =
        anti
            ? smoothed(from, size, scale, cubic)
            : cubic ? cubic(from, size, scale, align) : linear(from, size, scale, align);
    long[] shape = new long[x.dim()];
    Arrays.fill(shape, 1);
    shape[axis] = size;
    Tensor sum = null;
    for (int t = 0; t < taps.places.length; t++) {
      Tensor weights = Torch.tensor(taps.weights[t], shape).to(x.dtype());
      Tensor part = x.indexSelect(axis, Torch.tensor(taps.places[t])).mul(weights);
      sum = sum == null ? part : sum.add(part);
    }
    return sum;
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

  private static Taps linear(long from, long size, double scale, boolean align) {
    Taps taps = new Taps(new long[2][(int) size], new double[2][(int) size]);
    for (int i = 0; i < size; i++) {
      double at = Math.max(position(i, scale, align), 0);
      long low = Math.min((long) at, from - 1);
      taps.places[0][i] = low;
      taps.places[1][i] = Math.min(low + 1, from - 1);
      taps.weights[1][i] = Math.clamp(at - low, 0, 1);
      taps.weights[0][i] = 1 - taps.weights[1][i];
    }
    return taps;
  }

  private static Taps cubic(long from, long size, double scale, boolean align) {
    Taps taps = new Taps(new long[4][(int) size], new double[4][(int) size]);
    for (int i = 0; i < size; i++) {
      double at = position(i, scale, align);
      long low = (long) Math.floor(at);
      for (int t = 0; t < 4; t++) {
        taps.places[t][i] = Math.clamp(low - 1 + t, 0, from - 1);
        taps.weights[t][i] = cubicWeight(at - low + 1 - t, -0.75);
      }
    }
    return taps;
  }

  /** Keys' (1981) kernel. */
  private static double cubicWeight(double distance, double a) {
    double d = Math.abs(distance);
    if (d < 1) {
      return ((a + 2) * d - (a + 3)) * d * d + 1;
    }
    return d < 2 ? ((d - 5) * d + 8) * d * a - 4 * a : 0;
  }

  /** The kernel stretched over as many elements as one output element stands for. */
  private static Taps smoothed(long from, long size, double scale, boolean cubic) {
    double stretch = Math.max(scale, 1);
    double support = (cubic ? 2 : 1) * stretch;
    int count = (int) Math.ceil(support) * 2 + 1;
    Taps taps = new Taps(new long[count][(int) size], new double[count][(int) size]);
    for (int i = 0; i < size; i++) {
      double center = scale * (i + 0.5);
      long start = Math.max((long) (center - support + 0.5), 0);
      long end = Math.min((long) (center + support + 0.5), from);
      double total = 0;
      for (int t = 0; t < count; t++) {
        double d = (start + t - center + 0.5) / stretch;
        double w = cubic ? cubicWeight(d, -0.5) : Math.max(1 - Math.abs(d), 0);
        taps.places[t][i] = Math.min(start + t, from - 1);
        taps.weights[t][i] = start + t < end ? w : 0;
        total += taps.weights[t][i];
      }
      for (int t = 0; t < count; t++) {
        taps.weights[t][i] /= total;
      }
    }
    return taps;
  }

  static void check(Tensor input, long[] size) {
    if (input.dim() != size.length + 2 || Arrays.stream(size).anyMatch(s -> s < 1)) {
      throw TorchException.argument(
          "interpolate",
          "size",
          Arrays.toString(size) + " for input " + input.shape(),
          "a positive size for each axis after batch and channels");
    }
  }
}
