package dev.flambeau.torch.backend.cpu;

import static dev.flambeau.torch.backend.cpu.vector.WinogradTransforms.BLOCK;
import static dev.flambeau.torch.backend.cpu.vector.WinogradTransforms.SCRATCH;
import static dev.flambeau.torch.backend.cpu.vector.WinogradTransforms.TAPS;

import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.backend.cpu.vector.WinogradTransforms;

/**
 * Weights of a convolution (outChannels, channels, 3, 3), or those of its gradient, turned by 180
 * degrees, (channels, outChannels, 3, 3).
 */
final class WinogradWeights {
  private static final long FLOAT = Float.BYTES;

  /** Rows of kernels that are read together, since they are neighbours in memory. */
  static final int ROWS = 8;

  /** Bytes from one row of taps to the next; no power of two, for the cache's sake. */
  private static final long ROW = BLOCK * FLOAT + 64;

  /** Bytes of scratch memory that each call needs. */
  static final long SPACE = SCRATCH + ROWS * TAPS * ROW;

  private final long weights;
  private final boolean turned;

  /** Bytes from a kernel to that of the next output channel, and of the next channel. */
  private final long column;

  private final long row;

  WinogradWeights(WinogradGrid grid, long weights, boolean turned) {
    this.weights = weights;
    this.turned = turned;
    this.column = (turned ? 1L : grid.channels()) * TAPS * FLOAT;
    this.row = (turned ? grid.outChannels() : 1L) * TAPS * FLOAT;
  }

  /**
   * Transforms those of some channels, in eights, and {@code count} output channels: for each
   * channel a row of {@code count} floats at {@code out}, components {@code stride} bytes apart.
   */
  void transform(long from, long to, long first, int count, long out, long stride, long space) {
    long taps = space + SCRATCH;
    for (int block = 0; block < count; block += BLOCK) {
      int kernels = Math.min(BLOCK, count - block);
      for (long i = from; i < to; i += ROWS) {
        gather(weights + (first + block) * column + i * row, taps, kernels);
        for (long r = 0; r < ROWS; r++) {
          long at = out + ((i + r) * count + block) * FLOAT;
          WinogradTransforms.kernel(taps + r * TAPS * ROW, ROW, at, stride, kernels, space);
        }
      }
    }
  }

  /** Nine rows of taps for each row of kernels, from kernels of nine numbers. */
  private void gather(long corner, long taps, int kernels) {
    for (int l = 0; l < kernels; l++) {
      for (int r = 0; r < ROWS; r++) {
        long from = corner + l * column + r * row;
        long to = taps + r * TAPS * ROW + l * FLOAT + (turned ? (TAPS - 1) * ROW : 0);
        for (int j = 0; j < TAPS; j++) {
          Memory.ALL.set(Memory.FLOAT, to, Memory.ALL.get(Memory.FLOAT, from + j * FLOAT));
          to += turned ? -ROW : ROW;
        }
      }
    }
  }
}
