package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.op.Resample;
import java.util.Arrays;

/**
 * What each element of an axis is the sum of: element i of the weighted places {@code start[i]} to
 * {@code start[i + 1] - 1}, in this order.
 */
record TapList(int[] start, int[] places, float[] weights) {
  /** An axis of one element that is taken as it is. */
  static final TapList ONE = new TapList(new int[] {0, 1}, new int[1], new float[] {1});

  static TapList of(Resample.Taps taps, boolean transpose) {
    return transpose ? transposed(taps) : plain(taps);
  }

  private static TapList plain(Resample.Taps taps) {
    int count = taps.places().length;
    int[] start = new int[taps.length() + 1];
    int[] places = new int[Math.multiplyExact(count, taps.length())];
    float[] weights = new float[places.length];
    for (int i = 0; i < taps.length(); i++) {
      start[i + 1] = start[i] + count;
      for (int t = 0; t < count; t++) {
        places[start[i] + t] = (int) taps.places()[t][i];
        weights[start[i] + t] = (float) taps.weights()[t][i];
      }
    }
    return new TapList(start, places, weights);
  }

  private static TapList transposed(Resample.Taps taps) {
    int[] start = new int[(int) taps.size() + 1];
    for (long[] line : taps.places()) {
      for (long place : line) {
        start[(int) place + 1]++;
      }
    }
    Arrays.parallelPrefix(start, Math::addExact);
    int[] next = Arrays.copyOf(start, start.length - 1);
    int[] places = new int[start[start.length - 1]];
    float[] weights = new float[places.length];
    for (int i = 0; i < taps.length(); i++) {
      for (int t = 0; t < taps.places().length; t++) {
        int at = next[(int) taps.places()[t][i]]++;
        places[at] = i;
        weights[at] = (float) taps.weights()[t][i];
      }
    }
    return new TapList(start, places, weights);
  }

  int length() {
    return start.length - 1;
  }

  /** Places of an element. */
  int count(int element) {
    return start[element + 1] - start[element];
  }

  /** Places of the element that has most of them. */
  int most() {
    int most = 0;
    for (int i = 0; i < length(); i++) {
      most = Math.max(most, count(i));
    }
    return most;
  }
}
