package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Memory;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Sorts one line of elements with the places they came from; equal elements keep their order.
 *
 * <p>Each element becomes a long whose order is the element's (NaN is largest, -0 equals 0). Where
 * 32 bits suffice for it, the place goes into the lower half, all longs differ, and the JDK sorts
 * them, with vector code on many machines. Others are sorted by radix beside their places, least
 * significant byte first, skipping bytes in which all agree.
 */
final class IndexSort {
  private static final int SMALL = 32;
  private static final int BYTE = 256;

  private final int n;
  private long[] keys;
  private int[] places = {};
  private long[] otherKeys = {};
  private int[] otherPlaces = {};
  private boolean packed;
  private long base;
  private long flip;

  /** Makes room for lines of {@code count} elements. */
  IndexSort(String operator, long count) {
    if (count > Integer.MAX_VALUE - 8) {
      throw TorchException.shape(operator, "input", count + " elements in a line", "up to 2^31-9");
    }
    n = (int) count;
    keys = new long[n];
  }

  /**
   * Takes the elements at {@code address + order[i] * step}.
   *
   * @param order null for i itself
   */
  void load(DType type, long address, long step, boolean descending, int[] order) {
    flip = descending ? -1 : 0;
    switch (type) {
      case F32 -> {
        if (order == null && step == Float.BYTES) {
          loadFloats(address);
          return;
        }
        for (int i = 0; i < n; i++) {
          keys[i] = flip ^ key(Memory.ALL.get(Memory.FLOAT, address + at(order, i) * step));
        }
      }
      case F64 -> {
        for (int i = 0; i < n; i++) {
          keys[i] = flip ^ key(Memory.ALL.get(Memory.DOUBLE, address + at(order, i) * step));
        }
      }
      case F16, BF16 -> {
        for (int i = 0; i < n; i++) {
          keys[i] = flip ^ key((float) Memory.real(type, address + at(order, i) * step));
        }
      }
      case BOOL, U8, I8, I16, I32, I64 -> {
        for (int i = 0; i < n; i++) {
          keys[i] = flip ^ Memory.integer(type, address + at(order, i) * step);
        }
      }
    }
    pack(type.bytes() < Long.BYTES);
  }

  private void loadFloats(long address) {
    MemorySegment x = Memory.part(address, (long) n * Float.BYTES);
    for (int i = 0; i < n; i++) {
      long key = flip ^ key(x.get(Memory.FLOAT, (long) i * Float.BYTES));
      keys[i] = key << Integer.SIZE | i;
    }
    packed = true;
    base = 0;
  }

  private static long at(int[] order, int i) {
    return order == null ? i : order[i];
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

  /** Packs where the keys, less the smallest of longs, fit into an int. */
  private void pack(boolean narrow) {
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    for (int i = 0; i < n && !narrow; i++) {
      min = Math.min(min, keys[i]);
      max = Math.max(max, keys[i]);
    }
    packed = narrow || max - min >= 0 && max - min <= 0xffffffffL;
    if (packed) {
      base = narrow ? 0 : min - Integer.MIN_VALUE;
      for (int i = 0; i < n; i++) {
        keys[i] = keys[i] - base << Integer.SIZE | i;
      }
      return;
    }
    if (places.length < n) {
      places = new int[n];
      otherPlaces = new int[n];
      otherKeys = new long[n];
    }
    for (int i = 0; i < n; i++) {
      places[i] = i;
    }
  }

  /** Where the i-th element in order came from. */
  int place(int i) {
    return packed ? (int) keys[i] : places[i];
  }

  /** The i-th integer in order, if {@link #isPacked}. */
  long integer(int i) {
    return flip ^ (keys[i] >> Integer.SIZE) + base;
  }

  boolean isPacked() {
    return packed;
  }

  /** Sorts all. */
  void sort() {
    sort(n);
  }

  private void sort(int count) {
    if (packed) {
      Arrays.sort(keys, 0, count);
    } else if (count <= SMALL) {
      insert(count);
    } else {
      radix(count);
    }
  }

  private void insert(int count) {
    for (int i = 1; i < count; i++) {
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

  private void radix(int count) {
    long differing = 0;
    for (int i = 1; i < count; i++) {
      differing |= keys[i] ^ keys[0];
    }
    int[] starts = new int[BYTE];
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      if ((differing >>> shift & BYTE - 1) != 0) {
        pass(count, shift, starts);
      }
    }
  }

  private void pass(int count, int shift, int[] starts) {
    Arrays.fill(starts, 0);
    for (int i = 0; i < count; i++) {
      starts[digit(keys[i], shift)]++;
    }
    int start = 0;
    for (int d = 0; d < BYTE; d++) {
      int size = starts[d];
      starts[d] = start;
      start += size;
    }
    for (int i = 0; i < count; i++) {
      int to = starts[digit(keys[i], shift)]++;
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

  private static int digit(long key, int shift) {
    return (int) ((key ^ Long.MIN_VALUE) >>> shift) & BYTE - 1;
  }

  /** Moves the {@code k} smallest, in order, to the front; the others are lost. */
  void smallest(int k) {
    if (k == 0) {
      return;
    }
    if (k > n / 8) {
      sort();
      return;
    }
    if (packed) {
      int kept = candidates(k);
      Quickselect.select(keys, kept, k - 1);
    } else {
      keepSmallest(k);
    }
    sort(k);
  }

  /**
   * Moves what may be among the {@code k} smallest to the front, and says how many those are: a
   * bound is taken from what was kept so far, whenever there is twice as much as needed.
   */
  private int candidates(int k) {
    int room = Math.max(2 * k, 256);
    int kept = 0;
    long bound = Long.MAX_VALUE;
    for (int i = 0; i < n; i++) {
      long key = keys[i];
      if (key < bound) {
        keys[kept++] = key;
        if (kept == room) {
          bound = Quickselect.select(keys, kept, k - 1);
          kept = k;
        }
      }
    }
    return kept;
  }

  private void keepSmallest(int k) {
    System.arraycopy(keys, 0, otherKeys, 0, n);
    long last = Quickselect.select(otherKeys, n, k - 1);
    int equal = k;
    for (int i = 0; i < n; i++) {
      equal -= keys[i] < last ? 1 : 0;
    }
    int to = 0;
    for (int i = 0; i < n; i++) {
      if (keys[i] < last || keys[i] == last && equal-- > 0) {
        keys[to] = keys[i];
        places[to++] = places[i];
      }
    }
  }
}
