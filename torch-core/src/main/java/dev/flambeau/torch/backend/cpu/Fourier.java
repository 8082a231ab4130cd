package dev.flambeau.torch.backend.cpu;

import java.util.Arrays;

/**
 * Complex Fourier transforms {@code X[k] = sum_n x[n] exp(-2 pi i k n / N)} of one length, in
 * place: by halving for powers of two (Cooley and Tukey 1965), else as a convolution of a power of
 * two (Bluestein 1970). Not for several threads at once.
 */
final class Fourier {
  private final int n;
  private final double[] cos;
  private final double[] sin;
  private final Fourier wide;
  private final double[] chirpRe;
  private final double[] chirpIm;
  private final double[] re;
  private final double[] im;

  Fourier(int n) {
    this.n = n;
    boolean power = Integer.bitCount(n) == 1;
    int table = power ? n : 2 * n;
    cos = new double[table];
    sin = new double[table];
    for (int i = 0; i < table; i++) {
      cos[i] = Math.cos(2 * Math.PI * i / table);
      sin[i] = -Math.sin(2 * Math.PI * i / table);
    }
    int size = power ? 0 : Integer.highestOneBit(4 * n - 1);
    wide = power ? null : new Fourier(size);
    re = new double[size];
    im = new double[size];
    chirpRe = new double[size];
    chirpIm = new double[size];
    if (!power) {
      for (int i = 0; i < n; i++) {
        int at = square(i);
        chirpRe[i] = cos[at];
        chirpIm[i] = -sin[at];
        chirpRe[i == 0 ? 0 : size - i] = cos[at];
        chirpIm[i == 0 ? 0 : size - i] = -sin[at];
      }
      wide.transform(chirpRe, chirpIm);
    }
  }

  /** i^2 modulo 2n: exp(-pi i j^2 / n) repeats with it. */
  private int square(int i) {
    return (int) ((long) i * i % (2 * n));
  }

  void transform(double[] x, double[] y) {
    if (wide == null) {
      halve(x, y);
    } else {
      convolve(x, y);
    }
  }

  private void halve(double[] x, double[] y) {
    int shift = Integer.numberOfLeadingZeros(n) + 1;
    for (int i = 0; i < n; i++) {
      int j = n == 1 ? 0 : Integer.reverse(i) >>> shift;
      if (i < j) {
        double t = x[i];
        x[i] = x[j];
        x[j] = t;
        t = y[i];
        y[i] = y[j];
        y[j] = t;
      }
    }
    for (int half = 1; half < n; half *= 2) {
      int step = n / (2 * half);
      for (int start = 0; start < n; start += 2 * half) {
        for (int k = 0; k < half; k++) {
          int a = start + k;
          int b = a + half;
          double c = cos[k * step];
          double s = sin[k * step];
          double u = x[b] * c - y[b] * s;
          double v = x[b] * s + y[b] * c;
          x[b] = x[a] - u;
          y[b] = y[a] - v;
          x[a] += u;
          y[a] += v;
        }
      }
    }
  }

  private void convolve(double[] x, double[] y) {
    Arrays.fill(re, 0);
    Arrays.fill(im, 0);
    for (int i = 0; i < n; i++) {
      double c = cos[square(i)];
      double s = sin[square(i)];
      re[i] = x[i] * c - y[i] * s;
      im[i] = x[i] * s + y[i] * c;
    }
    wide.transform(re, im);
    for (int i = 0; i < re.length; i++) {
      double t = re[i] * chirpRe[i] - im[i] * chirpIm[i];
      im[i] = -(re[i] * chirpIm[i] + im[i] * chirpRe[i]);
      re[i] = t;
    }
    // The inverse transform, by conjugation before and after.
    wide.transform(re, im);
    double scale = 1.0 / re.length;
    for (int i = 0; i < n; i++) {
      double c = cos[square(i)];
      double s = sin[square(i)];
      double u = re[i] * scale;
      double v = -im[i] * scale;
      x[i] = u * c - v * s;
      y[i] = u * s + v * c;
    }
  }
}
