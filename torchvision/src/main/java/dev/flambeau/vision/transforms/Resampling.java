package dev.flambeau.vision.transforms;

/**
 * The weights of a one-dimensional resampling: output {@code i} is the sum of {@code weights[i][k]
 * * input[start[i] + k]}. The filter is stretched when shrinking, so there is no aliasing. Pillow:
 * {@code libImaging/Resample.c}.
 */
record Resampling(int[] start, double[][] weights) {
  /** Bits of a fixed-point weight: 32 less 8 for the pixel and 2 for sums above 1. */
  static final int BITS = 22;

  static Resampling of(int in, int out, Interpolation interpolation) {
    double scale = (double) in / out;
    double stretch = Math.max(scale, 1);
    double support = interpolation.support() * stretch;
    int[] start = new int[out];
    double[][] weights = new double[out][];
    for (int i = 0; i < out; i++) {
      double center = (i + 0.5) * scale;
      int from = Math.max(0, (int) (center - support + 0.5));
      int to = Math.min(in, (int) (center + support + 0.5));
      double[] w = new double[to - from];
      double sum = 0;
      for (int k = 0; k < w.length; k++) {
        w[k] = interpolation.weight((k + from - center + 0.5) / stretch);
        sum += w[k];
      }
      for (int k = 0; k < w.length && sum != 0; k++) {
        w[k] /= sum;
      }
      start[i] = from;
      weights[i] = w;
    }
    return new Resampling(start, weights);
  }

  /** Weights times 2^22, rounded half away from zero. */
  int[][] fixed() {
    int[][] out = new int[weights.length][];
    for (int i = 0; i < out.length; i++) {
      out[i] = new int[weights[i].length];
      for (int k = 0; k < out[i].length; k++) {
        double w = weights[i][k] * (1 << BITS);
        out[i][k] = (int) (w < 0 ? w - 0.5 : w + 0.5);
      }
    }
    return out;
  }
}
