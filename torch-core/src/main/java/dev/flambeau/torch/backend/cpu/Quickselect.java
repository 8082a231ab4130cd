package dev.flambeau.torch.backend.cpu;

/** Selection by rank (Hoare 1961). */
final class Quickselect {
  private Quickselect() {}

  /**
   * The k-th smallest (from 0) of the first {@code n}; those below it come before it (Hoare's
   * quickselect).
   */
  static long select(long[] values, int n, int k) {
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
