package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.backend.Memory;

/**
 * Copies where the axis of neighbours in the source is not that of the target. Tiles of 16 by 16
 * elements are read row by row and written column by column, so that each cache line is fetched
 * once and used whole: at a stride of 4096 bytes all lines of a column fall into one set of the
 * cache, and plain loops fetch each of them 16 times.
 */
final class Transposition {
  private static final int TILE = 16;
  private static final ThreadLocal<long[]> TILES =
      ThreadLocal.withInitial(() -> new long[TILE * TILE]);

  private final Strided strided;
  private final int width;

  /** The axis of neighbours in the source; axis 0 is that of the target. */
  private final int axis;

  private Transposition(Strided strided, int width, int axis) {
    this.strided = strided;
    this.width = width;
    this.axis = axis;
  }

  /** Copies tensor 1 to tensor 0 if this is the way to do it; whether it was. */
  static boolean run(Strided strided, int width) {
    if (strided.stride(0) != width || strided.stride(1) == width || strided.inner() < TILE) {
      return false;
    }
    for (int i = 1; i < strided.rank(); i++) {
      if (strided.stride(1, i) == width && strided.size(i) >= TILE) {
        new Transposition(strided, width, i).run();
        return true;
      }
    }
    return false;
  }

  private void run() {
    long bands = (strided.size(axis) + TILE - 1) / TILE;
    long others = strided.outer() / strided.size(axis);
    Parallel.run(
        others * bands,
        strided.inner() * TILE,
        (from, to) -> {
          long[] tile = TILES.get();
          for (long n = from; n < to; n++) {
            band(tile, n / bands, n % bands * TILE);
          }
        });
  }

  /** Up to 16 elements of {@link #axis}, all of axis 0, at one place of the other axes. */
  private void band(long[] tile, long other, long start) {
    long target = strided.base(0) + start * strided.stride(0, axis);
    long source = strided.base(1) + start * width;
    long rest = other;
    for (int i = 1; i < strided.rank(); i++) {
      if (i != axis) {
        long at = rest % strided.size(i);
        rest /= strided.size(i);
        target += at * strided.stride(0, i);
        source += at * strided.stride(1, i);
      }
    }
    int rows = (int) Math.min(TILE, strided.size(axis) - start);
    for (long x = 0; x < strided.inner(); x += TILE) {
      int columns = (int) Math.min(TILE, strided.inner() - x);
      for (int c = 0; c < columns; c++) {
        read(tile, c * TILE, source + (x + c) * strided.stride(1), rows);
      }
      for (int r = 0; r < rows; r++) {
        write(tile, r, target + x * width + r * strided.stride(0, axis), columns);
      }
    }
  }

  private void read(long[] tile, int to, long from, int count) {
    switch (width) {
      case 1 -> {
        for (int i = 0; i < count; i++) {
          tile[to + i] = Memory.ALL.get(Memory.BYTE, from + i);
        }
      }
      case 2 -> {
        for (int i = 0; i < count; i++) {
          tile[to + i] = Memory.ALL.get(Memory.SHORT, from + 2L * i);
        }
      }
      case 4 -> {
        for (int i = 0; i < count; i++) {
          tile[to + i] = Memory.ALL.get(Memory.INT, from + 4L * i);
        }
      }
      default -> {
        for (int i = 0; i < count; i++) {
          tile[to + i] = Memory.ALL.get(Memory.LONG, from + 8L * i);
        }
      }
    }
  }

  private void write(long[] tile, int from, long to, int count) {
    switch (width) {
      case 1 -> {
        for (int i = 0; i < count; i++) {
          Memory.ALL.set(Memory.BYTE, to + i, (byte) tile[from + i * TILE]);
        }
      }
      case 2 -> {
        for (int i = 0; i < count; i++) {
          Memory.ALL.set(Memory.SHORT, to + 2L * i, (short) tile[from + i * TILE]);
        }
      }
      case 4 -> {
        for (int i = 0; i < count; i++) {
          Memory.ALL.set(Memory.INT, to + 4L * i, (int) tile[from + i * TILE]);
        }
      }
      default -> {
        for (int i = 0; i < count; i++) {
          Memory.ALL.set(Memory.LONG, to + 8L * i, tile[from + i * TILE]);
        }
      }
    }
  }
}
