package dev.flambeau.torch.backend.cpu;

import static dev.flambeau.torch.backend.cpu.vector.WinogradTransforms.COMPONENTS;
import static dev.flambeau.torch.backend.cpu.vector.WinogradTransforms.IN;
import static dev.flambeau.torch.backend.cpu.vector.WinogradTransforms.OUT;
import static dev.flambeau.torch.backend.cpu.vector.WinogradTransforms.SCRATCH;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.backend.cpu.lapack.Blas;
import dev.flambeau.torch.backend.cpu.vector.WinogradTransforms;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;

/**
 * {@link Winograd} for many channels. All squares are transformed first; then each thread takes
 * panels of output channels: their kernels and products stay in its cache. OpenBLAS multiplies
 * small matrices without packing them, at the processor's peak.
 */
final class WinogradPanels {
  /** Multiplications up to which OpenBLAS does not pack: 10^6, from its interface for gemm. */
  private static final int SMALL = 1_000_000;

  /** Squares that are transformed before any product. */
  private static final int MOST_SQUARES = 1024;

  /** Squares whose products are kept until they are transformed. */
  private static final int STEP = 256;

  private static final long FLOAT = Float.BYTES;

  private final WinogradGrid grid;
  private final LongFunction<Storage> allocator;
  private final long zeros;
  private final int c;

  /** Output channels of a panel. */
  private final int width;

  /** Squares of a product, at most. */
  private final int rows;

  private final long inStride;
  private final long kernelStride;
  private final long outStride;

  private WinogradPanels(WinogradGrid grid, LongFunction<Storage> allocator, long zeros) {
    this.grid = grid;
    this.allocator = allocator;
    this.zeros = zeros;
    this.c = grid.channels();
    this.width = c > 256 ? 32 : 64;
    this.rows = Math.max(8, SMALL / (c * width) / 8 * 8);
    this.inStride = WinogradGrid.stride((long) Math.min(MOST_SQUARES, grid.squares()) * c);
    this.kernelStride = WinogradGrid.stride((long) c * width);
    this.outStride = WinogradGrid.stride((long) Math.min(STEP, grid.squares()) * width);
  }

  static void convolve(
      WinogradGrid grid,
      LongFunction<Storage> allocator,
      long zeros,
      long x,
      WinogradWeights weights,
      long bias,
      long y) {
    WinogradPanels panels = new WinogradPanels(grid, allocator, zeros);
    Storage squares = allocator.apply(COMPONENTS * panels.inStride);
    for (int first = 0; first < grid.squares(); first += MOST_SQUARES) {
      int count = Math.min(MOST_SQUARES, grid.squares() - first);
      panels.inputs(x, squares.address(), first, count);
      panels.products(squares.address(), weights, bias, y, first, count);
    }
    squares.free();
  }

  private void inputs(long x, long squares, int first, int count) {
    Parallel.run(
        count,
        20L * IN * IN * c,
        (from, to) -> {
          Storage scratch = allocator.apply(SCRATCH);
          long[] cells = new long[IN * IN];
          for (long i = from; i < to; i++) {
            grid.inputs((int) (first + i), x, zeros, cells);
            WinogradTransforms.input(
                cells, squares + i * c * FLOAT, inStride, c, scratch.address());
          }
          scratch.free();
        });
  }

  private void products(
      long squares, WinogradWeights weights, long bias, long y, int first, int count) {
    int panels = Math.ceilDiv(grid.outChannels(), width);
    AtomicInteger next = new AtomicInteger();
    Parallel.split(
        Math.min(Parallel.THREADS, panels),
        _ -> {
          long kernels = COMPONENTS * kernelStride;
          Storage own =
              allocator.apply(
                  kernels + COMPONENTS * outStride + WinogradWeights.SPACE + width * FLOAT);
          for (int p = next.getAndIncrement(); p < panels; p = next.getAndIncrement()) {
            int channels = Math.min(width, grid.outChannels() - p * width);
            long space = own.address() + kernels + COMPONENTS * outStride;
            weights.transform(0, c, (long) p * width, channels, own.address(), kernelStride, space);
            for (int s = 0; s < count; s += STEP) {
              int some = Math.min(STEP, count - s);
              long to = own.address() + kernels;
              products(squares + (long) s * c * FLOAT, own.address(), to, some, channels);
              long shift = (long) p * width * FLOAT;
              long b = bias == 0 ? 0 : bias + shift;
              outputs(to, y + shift, b, first + s, some, channels, space);
            }
          }
          own.free();
        });
  }

  private void products(long squares, long kernels, long out, int count, int channels) {
    int parts = Math.ceilDiv(count, rows);
    int step = Math.ceilDiv(Math.ceilDiv(count, parts), 8) * 8;
    for (int i = 0; i < COMPONENTS; i++) {
      for (int s = 0; s < count; s += step) {
        Blas.product(
            DType.F32,
            Math.min(step, count - s),
            channels,
            c,
            new Blas.Matrix(squares + i * inStride + (long) s * c * FLOAT, false, c),
            new Blas.Matrix(kernels + i * kernelStride, false, channels),
            new Blas.Matrix(out + i * outStride + (long) s * channels * FLOAT, false, channels));
      }
    }
  }

  private void outputs(
      long products, long y, long bias, int first, int count, int channels, long space) {
    long[] cells = new long[OUT * OUT];
    long beyond = space + WinogradWeights.SPACE;
    for (int i = 0; i < count; i++) {
      grid.outputs(first + i, y, beyond, cells);
      long from = products + (long) i * channels * FLOAT;
      WinogradTransforms.output(from, outStride, cells, bias, channels, space);
    }
  }
}
