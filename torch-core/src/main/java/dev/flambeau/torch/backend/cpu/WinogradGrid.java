package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.backend.cpu.vector.WinogradTransforms;

/**
 * How 4x4 squares of outputs cover channels-last pictures, and the 6x6 squares of inputs below
 * them.
 */
record WinogradGrid(
    int batch,
    int height,
    int width,
    int channels,
    int outHeight,
    int outWidth,
    int outChannels,
    int padTop,
    int padLeft) {
  private static final int OUT = WinogradTransforms.OUT;

  private static final long LINE = 64;

  /** Bytes; more than a thread's L2 cache has room for. */
  private static final long LARGE = 2_700_000;

  int down() {
    return Math.ceilDiv(outHeight, OUT);
  }

  int across() {
    return Math.ceilDiv(outWidth, OUT);
  }

  int squares() {
    return batch * down() * across();
  }

  /**
   * Bytes from one component to the next of so many floats. Never a multiple of 128: at distances
   * of powers of two, all components of a square fall into the same few lines of the cache.
   */
  static long stride(long floats) {
    long lines = Math.ceilDiv(floats * Float.BYTES, LINE);
    return (lines | 1) * LINE;
  }

  /** The same for kernels. */
  long kernelStride() {
    return stride((long) channels * outChannels);
  }

  /**
   * Whether transformed kernels are too many for a thread's cache, so that the threads share every
   * step and the numbers between two steps go through memory.
   */
  boolean shared() {
    return WinogradTransforms.COMPONENTS * kernelStride() > LARGE;
  }

  /**
   * Whether this takes clearly less time than the direct sum. Measured with AVX-512, in ns for a
   * thread: 0.0125 a multiplication; 10 to transform a square's channel, 12 a kernel, and 29 to
   * write and read either where it goes through memory. A gradient of kernels is read but once.
   */
  boolean pays(boolean gradient) {
    double pairs = (double) channels * outChannels;
    double direct = 9 * 0.0125 * batch * outHeight * outWidth * pairs;
    double products = WinogradTransforms.COMPONENTS * 0.0125 * squares() * pairs;
    double square = shared() ? 39 : 10;
    double kernel = shared() ? gradient ? 25 : 33 : 12;
    double transforms = square * squares() * (channels + outChannels) + kernel * pairs;
    return direct > 100_000 && products + transforms < 0.85 * direct;
  }

  /** Addresses of the inputs below a square; {@code none} stands for the padding. */
  void inputs(int square, long address, long none, long[] cells) {
    int top = square / across() % down() * OUT - padTop;
    int left = square % across() * OUT - padLeft;
    long picture = square / (across() * down());
    cells(address, picture, height, width, channels, top, left, WinogradTransforms.IN, none, cells);
  }

  /** Addresses of the outputs of a square; {@code none} is for those beyond the edge. */
  void outputs(int square, long address, long none, long[] cells) {
    int top = square / across() % down() * OUT;
    int left = square % across() * OUT;
    long picture = square / (across() * down());
    cells(address, picture, outHeight, outWidth, outChannels, top, left, OUT, none, cells);
  }

  private static void cells(
      long address,
      long picture,
      int height,
      int width,
      int channels,
      int top,
      int left,
      int side,
      long none,
      long[] cells) {
    for (int i = 0; i < side; i++) {
      int y = top + i;
      long row = address + (picture * height + y) * width * channels * Float.BYTES;
      for (int j = 0; j < side; j++) {
        int x = left + j;
        boolean inside = y >= 0 && y < height && x >= 0 && x < width;
        cells[i * side + j] = inside ? row + (long) x * channels * Float.BYTES : none;
      }
    }
  }
}
