package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.backend.Memory;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Computes rows of the tiles of a {@link ResampleGrid}: what a row is made of is read, along the
 * columns' taps, into arrays, which are held for the next rows. One object per thread.
 */
final class ResampleRows {
  private final ResampleGrid grid;
  private final long in;
  private final long out;
  private final int bytes;
  private final int taps;

  /** The rows that are held, or -1. */
  private final int[] held;

  /** Of each row that is held its elements at each tap, or their weighted sum alone. */
  private final float[][][] rows;

  /** Bytes from a row's start, by tap and element or column; -1 for nothing. */
  private final long[][] places;

  /** By tap and element. */
  private final float[][] weights;

  private final float[] read;
  private final float[] sum;
  private ResampleGrid.Tile tile;

  ResampleRows(ResampleGrid grid, long in, long out) {
    this.grid = grid;
    this.in = in;
    this.out = out;
    bytes = grid.type().bytes();
    taps = grid.columns().most();
    held = new int[grid.held()];
    int most = grid.tile(0).count();
    rows = new float[held.length][grid.joint() ? taps : 1][most];
    places = new long[taps][most];
    weights = new float[taps][most];
    read = new float[most];
    sum = new float[most];
  }

  /** Rows {@code from} to {@code to - 1}, counted within pictures within tiles. */
  void run(long from, long to) {
    int height = grid.rows().length();
    long picture = -1;
    for (long n = from; n < to; n++) {
      int row = (int) (n % height);
      if (n == from || row == 0) {
        Arrays.fill(held, -1);
        picture = n / height % grid.pictures();
        if (n == from || picture == 0) {
          tile = grid.tile(n / height / grid.pictures());
          locate();
        }
      }
      compute(picture, row);
      long start = (picture * height + row) * grid.columns().length() + tile.column();
      store(
          grid.type(), sum, out + (start * grid.inner() + tile.neighbour()) * bytes, tile.count());
    }
  }

  /** Where the tile's elements come from. */
  private void locate() {
    TapList columns = grid.columns();
    int n = tile.neighbours();
    for (int t = 0; t < taps; t++) {
      for (int j = 0; j < tile.columns(); j++) {
        boolean there = t < columns.count(tile.column() + j);
        int at = columns.start()[tile.column() + j] + t;
        long place = there ? (columns.places()[at] * grid.inner() + tile.neighbour()) * bytes : -1;
        Arrays.fill(weights[t], j * n, (j + 1) * n, there ? columns.weights()[at] : 0);
        for (int k = 0; grid.single() && k < n; k++) {
          places[t][j * n + k] = there ? place + k * bytes : -1;
        }
        if (!grid.single()) {
          places[t][j] = place;
        }
      }
    }
  }

  private void compute(long picture, int row) {
    TapList list = grid.rows();
    int count = tile.count();
    // To which adding is exact, signs of zeros included.
    Arrays.fill(sum, 0, count, list.count(row) > 0 ? -0f : 0);
    for (int s = list.start()[row]; s < list.start()[row + 1]; s++) {
      int place = list.places()[s];
      float weight = list.weights()[s];
      int slot = place % held.length;
      if (held[slot] != place) {
        held[slot] = place;
        long start = in + (picture * grid.height() + place) * grid.width() * grid.inner() * bytes;
        read(start, rows[slot]);
      }
      if (grid.joint()) {
        for (int t = 0; t < taps; t++) {
          add(weight, weights[t], rows[slot][t], sum, count);
        }
      } else {
        add(weight, rows[slot][0], sum, count);
      }
    }
  }

  private void read(long start, float[][] row) {
    if (grid.joint()) {
      for (int t = 0; t < taps; t++) {
        read(start, places[t], row[t]);
      }
    } else if (grid.columns() == TapList.ONE) {
      read(start, places[0], row[0]);
    } else {
      Arrays.fill(row[0], 0, tile.count(), taps > 0 ? -0f : 0);
      for (int t = 0; t < taps; t++) {
        read(start, places[t], read);
        add(1, weights[t], read, row[0], tile.count());
      }
    }
  }

  private void read(long start, long[] from, float[] to) {
    if (grid.single()) {
      gather(grid.type(), start, from, to, tile.count());
      return;
    }
    int n = tile.neighbours();
    for (int j = 0; j < tile.columns(); j++) {
      if (from[j] < 0) {
        Arrays.fill(to, j * n, (j + 1) * n, 0);
      } else {
        load(grid.type(), start + from[j], to, j * n, n);
      }
    }
  }

  private static void add(float factor, float[] weights, float[] x, float[] sum, int count) {
    for (int i = 0; i < count; i++) {
      sum[i] += factor * weights[i] * x[i];
    }
  }

  private static void add(float factor, float[] x, float[] sum, int count) {
    for (int i = 0; i < count; i++) {
      sum[i] += factor * x[i];
    }
  }

  private static float half(long address) {
    return Float.float16ToFloat(Memory.ALL.get(Memory.SHORT, address));
  }

  private static float brain(long address) {
    return Float.intBitsToFloat(Memory.ALL.get(Memory.SHORT, address) << 16);
  }

  private static void gather(DType type, long start, long[] from, float[] to, int count) {
    switch (type) {
      case F16 -> {
        for (int i = 0; i < count; i++) {
          to[i] = from[i] < 0 ? 0 : half(start + from[i]);
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          to[i] = from[i] < 0 ? 0 : brain(start + from[i]);
        }
      }
      default -> {
        for (int i = 0; i < count; i++) {
          to[i] = from[i] < 0 ? 0 : Memory.ALL.get(Memory.FLOAT, start + from[i]);
        }
      }
    }
  }

  private static void load(DType type, long from, float[] to, int at, int count) {
    switch (type) {
      case F16 -> {
        for (int i = 0; i < count; i++) {
          to[at + i] = half(from + (long) i * Short.BYTES);
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          to[at + i] = brain(from + (long) i * Short.BYTES);
        }
      }
      default -> MemorySegment.copy(Memory.ALL, Memory.FLOAT, from, to, at, count);
    }
  }

  private static void store(DType type, float[] from, long to, int count) {
    switch (type) {
      case F16 -> {
        for (int i = 0; i < count; i++) {
          short bits = Float.floatToFloat16(from[i]);
          Memory.ALL.set(Memory.SHORT, to + (long) i * Short.BYTES, bits);
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          short bits = Memory.toBFloat16(from[i]);
          Memory.ALL.set(Memory.SHORT, to + (long) i * Short.BYTES, bits);
        }
      }
      default -> MemorySegment.copy(from, 0, Memory.ALL, Memory.FLOAT, to, count);
    }
  }
}
