package dev.flambeau.vision.io.jpeg2000;

/**
 * The inverse wavelet transforms (annex F): whole numbers with the filters of 5 and 3 taps, floats
 * with those of 9 and 7.
 */
final class Wavelet {
  private static final float ALPHA = -1.586134342059924f;
  private static final float BETA = -0.052980118572961f;
  private static final float GAMMA = 0.882911075530934f;
  private static final float DELTA = 0.443506852043971f;
  private static final float K = 1.230174104914001f;

  private Wavelet() {}

  /** Where a line starts decides which of its samples are low-pass ones: the even ones. */
  static void reversible(int[] line, int length, int start) {
    int first = start & 1;
    if (length == 1) {
      line[0] = first == 0 ? line[0] : line[0] >> 1;
      return;
    }
    for (int i = first; i < length; i += 2) {
      line[i] -= line[mirror(i - 1, length)] + line[mirror(i + 1, length)] + 2 >> 2;
    }
    for (int i = 1 - first; i < length; i += 2) {
      line[i] += line[mirror(i - 1, length)] + line[mirror(i + 1, length)] >> 1;
    }
  }

  private static int mirror(int i, int length) {
    return i < 0 ? -i : i >= length ? 2 * length - 2 - i : i;
  }

  static void irreversible(float[] line, int length, int start) {
    int low = start & 1;
    if (length == 1) {
      line[0] = low == 0 ? line[0] : line[0] / 2;
      return;
    }
    int high = 1 - low;
    for (int i = low; i < length; i += 2) {
      line[i] *= K;
    }
    for (int i = high; i < length; i += 2) {
      line[i] /= K;
    }
    lift(line, length, low, DELTA);
    lift(line, length, high, GAMMA);
    lift(line, length, low, BETA);
    lift(line, length, high, ALPHA);
  }

  private static void lift(float[] line, int length, int first, float factor) {
    for (int i = first; i < length; i += 2) {
      line[i] -= factor * (line[mirror(i - 1, length)] + line[mirror(i + 1, length)]);
    }
  }
}
