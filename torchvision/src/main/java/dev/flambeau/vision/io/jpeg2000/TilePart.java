package dev.flambeau.vision.io.jpeg2000;

/** A rectangle of samples, from the first to before the last. */
record TilePart(int x0, int y0, int x1, int y1) {
  int width() {
    return Math.max(0, x1 - x0);
  }

  int height() {
    return Math.max(0, y1 - y0);
  }

  boolean isEmpty() {
    return x1 <= x0 || y1 <= y0;
  }

  static int ceil(long value, long by) {
    return Math.toIntExact(Math.ceilDiv(value, by));
  }

  /** The samples of it that remain where only each {@code dx}-th and {@code dy}-th is kept. */
  TilePart every(long dx, long dy) {
    return new TilePart(ceil(x0, dx), ceil(y0, dy), ceil(x1, dx), ceil(y1, dy));
  }

  /**
   * A subband of it (equation B-15).
   *
   * @param level how often the transform was applied
   */
  TilePart band(int level, boolean highX, boolean highY) {
    long size = 1L << level;
    long dx = highX ? size / 2 : 0;
    long dy = highY ? size / 2 : 0;
    return new TilePart(
        ceil(x0 - dx, size), ceil(y0 - dy, size), ceil(x1 - dx, size), ceil(y1 - dy, size));
  }

  TilePart meet(long left, long top, long right, long bottom) {
    return new TilePart(
        (int) Math.max(x0, left),
        (int) Math.max(y0, top),
        (int) Math.min(x1, right),
        (int) Math.min(y1, bottom));
  }
}
