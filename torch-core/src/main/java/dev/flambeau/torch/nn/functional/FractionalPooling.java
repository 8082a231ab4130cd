package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.api.Reductions.ValuesIndices;
import java.util.Arrays;

/**
 * Maxima of windows at pseudo-random distances (Graham 2014, "Fractional max-pooling"). The places
 * are found here; values and gradients go by gather.
 */
final class FractionalPooling {
  private FractionalPooling() {}

  /**
   * Samples in [0, 1): (N, C, axes), in PyTorch's order: width first in 2-d, depth first in 3-d.
   */
  static ValuesIndices pool(Tensor x, long[] kernel, long[] sizes, Tensor samples) {
    int axes = sizes.length;
    long[] input = Arrays.copyOfRange(x.shape().sizes(), 2, x.dim());
    for (int i = 0; i < axes; i++) {
      if (sizes[i] < 1 || sizes[i] + kernel[i] - 1 > input[i]) {
        throw TorchException.argument(
            "fractional_max_pool" + axes + "d",
            "output_size",
            Arrays.toString(sizes) + " of " + x.shape(),
            "positive sizes with room for windows of " + Arrays.toString(kernel));
      }
    }
    double[] values = x.toDoubleArray();
    double[] u = samples.toDoubleArray();
    int planes = (int) (x.size(0) * x.size(1));
    int positions = (int) product(sizes);
    long[] places = new long[planes * positions];
    for (int plane = 0; plane < planes; plane++) {
      long[][] starts = new long[axes][];
      for (int i = 0; i < axes; i++) {
        double sample = u[plane * axes + (axes == 2 ? 1 - i : i)];
        starts[i] = starts(input[i], sizes[i], kernel[i], sample);
      }
      for (int p = 0; p < positions; p++) {
        places[plane * positions + p] = largest(values, plane, input, kernel, starts, p);
      }
    }
    Tensor index = Torch.tensor(places, x.size(0), x.size(1), positions);
    long[] out = x.shape().sizes();
    System.arraycopy(sizes, 0, out, 2, axes);
    return new ValuesIndices(
        x.flatten(2).gather(2, index).reshape(out), index.reshape(Shape.of(out).sizes()));
  }

  private static long product(long[] sizes) {
    return Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
  }

  private static long[] starts(long input, long output, long kernel, double sample) {
    long[] starts = new long[(int) output];
    double step = output > 1 ? (double) (input - kernel) / (output - 1) : 0;
    Arrays.setAll(starts, i -> (long) ((i + sample) * step) - (long) (sample * step));
    starts[(int) output - 1] = input - kernel;
    return starts;
  }

  /** The place of the largest element of one window, NaN above all. */
  private static long largest(
      double[] x, int plane, long[] input, long[] kernel, long[][] starts, int position) {
    int axes = input.length;
    long base = plane * product(input);
    long best = -1;
    for (long k = 0; k < product(kernel); k++) {
      long place = 0;
      long scale = 1;
      long restK = k;
      int rest = position;
      for (int i = axes - 1; i >= 0; i--) {
        place += (starts[i][rest % starts[i].length] + restK % kernel[i]) * scale;
        scale *= input[i];
        rest /= starts[i].length;
        restK /= kernel[i];
      }
      double value = x[(int) (base + place)];
      if (best < 0 || value > x[(int) (base + best)] || Double.isNaN(value)) {
        best = place;
      }
    }
    return best;
  }
}
