package dev.flambeau.vision.io.jpeg2000;

/** A tag tree (annex B.10.2): numbers of a grid, each known to be at least that of its parent. */
final class TagTree {
  private final int[] widths;
  private final int[][] lows;
  private final boolean[][] known;

  TagTree(int width, int height) {
    int levels = 1;
    for (int w = width, h = height; w > 1 || h > 1; levels++) {
      w = (w + 1) / 2;
      h = (h + 1) / 2;
    }
    widths = new int[levels];
    lows = new int[levels][];
    known = new boolean[levels][];
    for (int i = 0, w = width, h = height; i < levels; i++, w = (w + 1) / 2, h = (h + 1) / 2) {
      widths[i] = w;
      lows[i] = new int[w * h];
      known[i] = new boolean[w * h];
    }
  }

  /** Whether the number at a place is less than the bound; reads no more than that needs. */
  boolean isLess(PacketBits bits, int x, int y, int bound) {
    int low = 0;
    for (int level = widths.length - 1; level >= 0; level--) {
      int at = (y >> level) * widths[level] + (x >> level);
      low = Math.max(low, lows[level][at]);
      while (low < bound && !known[level][at]) {
        if (bits.bit() != 0) {
          known[level][at] = true;
        } else {
          low++;
        }
      }
      lows[level][at] = low;
      if (!known[level][at]) {
        return false;
      }
    }
    return low < bound;
  }
}
