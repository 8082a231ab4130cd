package dev.flambeau.onnx;

/**
 * How often numbers of each size were seen: equal bins from -limit to limit, which doubles, two
 * bins becoming one, when a number lies beyond. Zeros, which every range holds exactly, are not
 * counted.
 */
final class Histogram {
  private static final int HALF = 2048;

  /** Steps of a quantized magnitude. */
  private static final int LEVELS = 128;

  /** Between the magnitudes that are tried: less than a hundredth of the range. */
  private static final int STRIDE = 16;

  private final long[] bins = new long[2 * HALF];
  private double limit;
  private double least;
  private double largest;
  private long count;

  /** Adds numbers; what is not finite is left out. */
  void add(double[] values) {
    double most = 0;
    for (double v : values) {
      if (Double.isFinite(v)) {
        most = Math.max(most, Math.abs(v));
        least = Math.min(least, v);
        largest = Math.max(largest, v);
      }
    }
    if (most == 0) {
      return;
    }
    if (limit == 0) {
      limit = most;
    }
    while (limit < most) {
      widen();
    }
    double scale = HALF / limit;
    for (double v : values) {
      if (v != 0 && Double.isFinite(v)) {
        int bin = (int) Math.floor(v * scale) + HALF;
        bins[Math.clamp(bin, 0, 2 * HALF - 1)]++;
        count++;
      }
    }
  }

  private void widen() {
    long[] wide = new long[2 * HALF];
    for (int i = 0; i < bins.length; i++) {
      wide[HALF / 2 + i / 2] += bins[i];
    }
    System.arraycopy(wide, 0, bins, 0, bins.length);
    limit *= 2;
  }

  /** The range between the quantiles that leave out {@code rest} of the numbers together. */
  double[] percentile(double rest) {
    double each = count * rest / 2;
    int low = 0;
    for (long seen = bins[0]; low < bins.length - 1 && seen <= each; seen += bins[++low]) {}
    int high = bins.length - 1;
    for (long seen = bins[high]; high > 0 && seen <= each; seen += bins[--high]) {}
    double step = limit / HALF;
    return new double[] {
      Math.max(least, Math.min(0, (low - HALF) * step)),
      Math.min(largest, Math.max(0, (high + 1 - HALF) * step))
    };
  }

  /** The range cut off at the magnitude of the least divergence; all of it if there are few. */
  double[] entropy() {
    if (count < bins.length) {
      return new double[] {least, largest};
    }
    long[] magnitudes = new long[HALF];
    int top = 0;
    for (int i = 0; i < HALF; i++) {
      magnitudes[i] = bins[HALF + i] + bins[HALF - 1 - i];
      top = magnitudes[i] > 0 ? i + 1 : top;
    }
    double best = Double.POSITIVE_INFINITY;
    int cut = top;
    for (int i = Math.min(LEVELS, top); i <= top; i += STRIDE) {
      double divergence = divergence(magnitudes, i);
      if (divergence < best) {
        best = divergence;
        cut = i;
      }
    }
    double threshold = cut * limit / HALF;
    return new double[] {Math.max(least, -threshold), Math.min(largest, threshold)};
  }

  /** Of the first bins, the rest added to the last of them, from the same held in 128 steps. */
  private static double divergence(long[] magnitudes, int bins) {
    double[] reference = new double[bins];
    double outside = 0;
    for (int i = 0; i < magnitudes.length; i++) {
      if (i < bins) {
        reference[i] = magnitudes[i];
      } else {
        outside += magnitudes[i];
      }
    }
    double total = 0;
    double[] held = new double[bins];
    int levels = Math.min(LEVELS, bins);
    for (int level = 0; level < levels; level++) {
      int first = level * bins / levels;
      int last = (level + 1) * bins / levels;
      double sum = 0;
      int used = 0;
      for (int i = first; i < last; i++) {
        sum += reference[i];
        used += reference[i] > 0 ? 1 : 0;
      }
      for (int i = first; i < last; i++) {
        held[i] = reference[i] > 0 ? sum / used : 0;
      }
      total += sum;
    }
    reference[bins - 1] += outside;
    double whole = total + outside;
    double divergence = 0;
    for (int i = 0; i < bins; i++) {
      if (reference[i] > 0) {
        // What was cut off where nothing is held counts as next to nothing there.
        double q = total > 0 && held[i] > 0 ? held[i] / total : 1e-12;
        double p = reference[i] / whole;
        divergence += p * Math.log(p / q);
      }
    }
    return divergence;
  }
}
