package dev.flambeau.torch.logging;

import dev.flambeau.torch.TorchException;
import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * How values are distributed over buckets that grow by a tenth, from 1e-12 to 1e20 on both sides of
 * 0: TensorFlow's default histogram. Values that are not finite are left out.
 */
final class Buckets {
  private static final double[] LIMITS = limits();

  private Buckets() {}

  private static double[] limits() {
    double[] positive = DoubleStream.iterate(1e-12, v -> v < 1e20, v -> v * 1.1).toArray();
    int n = positive.length;
    double[] limits = new double[2 * n + 2];
    for (int i = 0; i < n; i++) {
      limits[n - 1 - i] = -positive[i];
      limits[n + 1 + i] = positive[i];
    }
    limits[2 * n + 1] = Double.MAX_VALUE;
    return limits;
  }

  /** A HistogramProto; bucket i counts the values from limit i - 1 up to below limit i. */
  static Message of(double[] values) {
    double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
    if (finite.length == 0) {
      throw TorchException.argument(
          "addHistogram", "values", values.length + " values, none finite", "at least one number");
    }
    double[] counts = new double[LIMITS.length];
    for (double value : finite) {
      int at = Arrays.binarySearch(LIMITS, value);
      counts[Math.min(at >= 0 ? at + 1 : -at - 1, LIMITS.length - 1)]++;
    }
    int first = 0;
    while (counts[first] == 0) {
      first++;
    }
    int last = counts.length - 1;
    while (counts[last] == 0) {
      last--;
    }
    // An empty bucket before the first shows where that begins.
    first = Math.max(0, first - 1);
    return new Message()
        .real(1, Arrays.stream(finite).min().orElseThrow())
        .real(2, Arrays.stream(finite).max().orElseThrow())
        .real(3, (double) finite.length)
        .real(4, Arrays.stream(finite).sum())
        .real(5, Arrays.stream(finite).map(v -> v * v).sum())
        .reals(6, Arrays.copyOfRange(LIMITS, first, last + 1))
        .reals(7, Arrays.copyOfRange(counts, first, last + 1));
  }
}
