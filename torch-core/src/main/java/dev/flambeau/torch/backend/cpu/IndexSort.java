package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Memory;

/**
 * Sorts elements of one line with the places they came from: each element becomes a long whose
 * order is the element's (NaN is largest, -0 equals 0), and the longs are sorted by radix, least
 * significant digit first, skipping digits in which all agree. Equal elements keep their order.
 */
final class IndexSort {
  private static final int SMALL = 32;

  long[] keys = {};
  int[] places = {};
  private long[] otherKeys = {};
  private int[] otherPlaces = {};

  /** Makes room for lines of {@code count} elements. */
  IndexSort(String operator, long count) {
    if (count > Integer.MAX_VALUE - 8) {
      throw TorchException.shape(operator, "input", count + " elements in a line", "up to 2^31-9");
    }
    int n = (int) count;
    keys = new long[n];
    places = new int[n];
    otherKeys = new long[n];
    otherPlaces = new int[n];
  }

  /** Sets key i to that of the element at {@code address + i * step}, and place i to i. */
  void load(DType type, long address, long step, boolean descending) {
    int n = keys.length;
    switch (type) {
      case F32 -> {
        for (int i = 0; i < n; i++) {
          keys[i] = key(Memory.ALL.get(Memory.FLOAT, address + i * step));
        }
      }
      case F64 -> {
        for (int i = 0; i < n; i++) {
          keys[i] = key(Memory.ALL.get(Memory.DOUBLE, address + i * step));
        }
      }
      case F16, BF16 -> {
        for (int i = 0; i < n; i++) {
          keys[i] = key((float) Memory.real(type, address + i * step));
        }
      }
      case BOOL, U8, I8, I16, I32, I64 -> {
        for (int i = 0; i < n; i++) {
          keys[i] = Memory.integer(type, address + i * step);
        }
      }
    }
    for (int i = 0; i < n; i++) {
      places[i] = i;
      keys[i] = descending ? ~keys[i] : keys[i];
    }
  }

  private static long key(float value) {
    if (value != value) {
      return Integer.MAX_VALUE;
    }
    int bits = Float.floatToRawIntBits(value + 0f);
    return bits ^ bits >> 31 & 0x7fffffff;
  }

  private static long key(double value) {
    if (value != value) {
      return Long.MAX_VALUE;
    }
    long bits = Double.doubleToRawLongBits(value + 0d);
    return bits ^ bits >> 63 & Long.MAX_VALUE;
  }

  /** Sorts the first {@code n} keys, moving places along. */
  void sort(int n) {
    if (n <= SMALL) {
      insert(n);
      return;
    }
    long differing = 0;
    for (int i = 1; i < n; i++) {
      differing |= keys[i] ^ keys[0];
    }
    int bits = n < 4096 ? 8 : 11;
    int[] starts = new int[1 << bits];
    for (int shift = 0; shift < Long.SIZE; shift += bits) {
      if ((differing >>> shift & (1 << bits) - 1) != 0) {
        pass(n, shift, starts);
      }
    }
  }

  private void insert(int n) {
    for (int i = 1; i < n; i++) {
      long key = keys[i];
      int place = places[i];
      int at = i;
      while (at > 0 && keys[at - 1] > key) {
        keys[at] = keys[at - 1];
        places[at] = places[at - 1];
        at--;
      }
      keys[at] = key;
      places[at] = place;
    }
  }

  private void pass(int n, int shift, int[] starts) {
    int mask = starts.length - 1;
    java.util.Arrays.fill(starts, 0);
    for (int i = 0; i < n; i++) {
      starts[digit(keys[i], shift, mask)]++;
    }
    int start = 0;
    for (int d = 0; d <= mask; d++) {
      int count = starts[d];
      starts[d] = start;
      start += count;
    }
    for (int i = 0; i < n; i++) {
      int to = starts[digit(keys[i], shift, mask)]++;
      otherKeys[to] = keys[i];
      otherPlaces[to] = places[i];
    }
    long[] k = keys;
    keys = otherKeys;
    otherKeys = k;
    int[] p = places;
    places = otherPlaces;
    otherPlaces = p;
  }

  private static int digit(long key, int shift, int mask) {
    return (int) ((key ^ Long.MIN_VALUE) >>> shift) & mask;
  }

  /** Moves the {@code k} smallest, in order, to the front; keys behind them are lost. */
  void smallest(int k) {
    int n = keys.length;
    if (k == 0) {
      return;
    }
    if (k > n / 8) {
      sort(n);
      return;
    }
    System.arraycopy(keys, 0, otherKeys, 0, n);
    long last = select(otherKeys, n, k - 1);
    int below = 0;
    for (int i = 0; i < n; i++) {
      below += keys[i] < last ? 1 : 0;
    }
    int equal = k - below;
    int to = 0;
    for (int i = 0; i < n; i++) {
      if (keys[i] < last || keys[i] == last && equal-- > 0) {
        keys[to] = keys[i];
        places[to++] = places[i];
      }
    }
    sort(k);
  }

  /**
   * The k-th smallest (from 0) of the first {@code n}, which are reordered (Hoare's quickselect).
   */
  private static long select(long[] values, int n, int k) {
    int low = 0;
    int high = n - 1;
    while (low < high) {
      long a = values[low];
      long b = values[low + high >>> 1];
      long c = values[high];
      long pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
      int i = low;
      int j = high;
      while (i <= j) {
        while (values[i] < pivot) {
          i++;
        }
        while (values[j] > pivot) {
          j--;
        }
        if (i <= j) {
          long v = values[i];
          values[i++] = values[j];
          values[j--] = v;
        }
      }
      if (k <= j) {
        high = j;
      } else if (k >= i) {
        low = i;
      } else {
        return values[k];
      }
    }
    return values[k];
  }
}
