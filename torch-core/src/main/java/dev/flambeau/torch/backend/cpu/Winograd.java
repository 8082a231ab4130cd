package dev.flambeau.torch.backend.cpu;

import static dev.flambeau.torch.backend.cpu.vector.WinogradTransforms.COMPONENTS;
import static dev.flambeau.torch.backend.cpu.vector.WinogradTransforms.IN;
import static dev.flambeau.torch.backend.cpu.vector.WinogradTransforms.OUT;
import static dev.flambeau.torch.backend.cpu.vector.WinogradTransforms.SCRATCH;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.backend.cpu.lapack.Blas;
import dev.flambeau.torch.backend.cpu.vector.WinogradTransforms;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;

/**
 * Convolution with 3x3 kernels at step 1 as 36 matrix products over transformed squares, with a
 * quarter of the direct sum's multiplications. Few channels: each thread takes some squares through
 * all steps while they are in its cache. Many: the matrices do not fit anyway, and the threads
 * share every step.
 */
final class Winograd implements AutoCloseable {
  /** Bytes of transformed squares that a thread works on, something less than its L2 cache. */
  private static final int CACHE = 1_770_000;

  /** Squares at a time where threads share steps. */
  private static final int MOST_SQUARES = 1024;

  private static final int PARTS = 4 * Parallel.THREADS;
  private static final long FLOAT = Float.BYTES;

  private final WinogradGrid grid;
  private final LongFunction<Storage> allocator;
  private final Storage zeros;
  private final boolean shared;
  private final int step;

  Winograd(WinogradGrid grid, LongFunction<Storage> allocator) {
    this.grid = grid;
    this.allocator = allocator;
    this.shared = grid.shared();
    long square = COMPONENTS * (grid.channels() + grid.outChannels()) * FLOAT;
    this.step = shared ? MOST_SQUARES : (int) Math.max(8, CACHE / square / 8 * 8);
    long widest = Math.max(grid.channels(), grid.outChannels()) * FLOAT;
    this.zeros = allocator.apply(widest);
    Memory.part(zeros.address(), widest).fill((byte) 0);
  }

  /** Transformed squares of inputs and of outputs, and a thread's small things. */
  private final class Buffers implements AutoCloseable {
    private final int capacity = Math.min(step, grid.squares());
    final long inStride = WinogradGrid.stride((long) capacity * grid.channels());
    final long outStride = WinogradGrid.stride((long) capacity * grid.outChannels());
    private final Storage memory =
        allocator.apply(
            COMPONENTS * (inStride + outStride)
                + (long) parts() * (SCRATCH + grid.outChannels() * FLOAT));
    final long in = memory.address();
    final long out = in + COMPONENTS * inStride;
    private final long small = out + COMPONENTS * outStride;

    private int parts() {
      return shared ? PARTS : 1;
    }

    /** A part's scratch memory. */
    long scratch(int part) {
      return small + part * (SCRATCH + grid.outChannels() * FLOAT);
    }

    /** Where a part's outputs beyond the edge go. */
    long beyond(int part) {
      return scratch(part) + SCRATCH;
    }

    @Override
    public void close() {
      memory.free();
    }
  }

  /** Parts of a range. */
  @FunctionalInterface
  private interface Part {
    void run(int part, int from, int to);
  }

  private void ranges(int count, Part body) {
    if (!shared) {
      body.run(0, 0, count);
      return;
    }
    int parts = Math.min(PARTS, count);
    Parallel.split(
        parts,
        p -> body.run(p, (int) ((long) count * p / parts), (int) ((long) count * (p + 1) / parts)));
  }

  private void inputs(Buffers b, long x, int first, int count) {
    ranges(
        count,
        (part, from, to) -> {
          long[] cells = new long[IN * IN];
          for (int i = from; i < to; i++) {
            grid.inputs(first + i, x, zeros.address(), cells);
            long at = b.in + i * grid.channels() * FLOAT;
            WinogradTransforms.input(cells, at, b.inStride, grid.channels(), b.scratch(part));
          }
        });
  }

  private void outputs(Buffers b, long y, long bias, int first, int count) {
    ranges(
        count,
        (part, from, to) -> {
          long[] cells = new long[OUT * OUT];
          for (int i = from; i < to; i++) {
            grid.outputs(first + i, y, b.beyond(part), cells);
            long at = b.out + i * grid.outChannels() * FLOAT;
            WinogradTransforms.output(
                at, b.outStride, cells, bias, grid.outChannels(), b.scratch(part));
          }
        });
  }

  private void outputGradients(Buffers b, long y, int first, int count) {
    ranges(
        count,
        (part, from, to) -> {
          long[] cells = new long[OUT * OUT];
          for (int i = from; i < to; i++) {
            grid.outputs(first + i, y, zeros.address(), cells);
            long at = b.out + i * grid.outChannels() * FLOAT;
            WinogradTransforms.outputGradient(
                cells, at, b.outStride, grid.outChannels(), b.scratch(part));
          }
        });
  }

  /** The outputs from inputs, weights, and a bias or 0. */
  void convolve(long x, WinogradWeights weights, long bias, long y) {
    if (shared) {
      WinogradPanels.convolve(grid, allocator, zeros.address(), x, weights, bias, y);
      return;
    }
    int c = grid.channels();
    int k = grid.outChannels();
    long stride = grid.kernelStride();
    try (Held kernels = new Held(allocator.apply(COMPONENTS * stride))) {
      long u = kernels.storage.address();
      Parallel.run(
          c / WinogradWeights.ROWS,
          40L * k * WinogradWeights.ROWS,
          (from, to) -> {
            try (Held space = new Held(allocator.apply(WinogradWeights.SPACE))) {
              long first = from * WinogradWeights.ROWS;
              long last = to * WinogradWeights.ROWS;
              weights.transform(first, last, 0, k, u, stride, space.storage.address());
            }
          });
      eachStep(
          (b, first, count) -> {
            inputs(b, x, first, count);
            for (int i = 0; i < COMPONENTS; i++) {
              Blas.product(
                  DType.F32,
                  count,
                  k,
                  c,
                  new Blas.Matrix(b.in + i * b.inStride, false, c),
                  new Blas.Matrix(u + i * stride, false, k),
                  new Blas.Matrix(b.out + i * b.outStride, false, k));
            }
            outputs(b, y, bias, first, count);
          });
    }
  }

  /** Gradients of transformed kernels, (36, outChannels, channels), from inputs and outputs'. */
  void kernelGradients(long x, long gradients, long kernels) {
    long bytes = COMPONENTS * grid.kernelStride();
    if (shared) {
      eachStep(
          (b, first, count) -> {
            inputs(b, x, first, count);
            outputGradients(b, gradients, first, count);
            gradientProducts(b, kernels, count, first > 0);
          });
      return;
    }
    // Which squares a sum begins with must not depend on which thread was faster.
    int sums = Math.min(Parallel.THREADS, Math.ceilDiv(grid.squares(), step));
    try (Held others = new Held(allocator.apply(Math.max(1, (sums - 1) * bytes)))) {
      Parallel.split(
          sums,
          p -> {
            int from = (int) ((long) grid.squares() * p / sums);
            int to = (int) ((long) grid.squares() * (p + 1) / sums);
            long sum = p == 0 ? kernels : others.storage.address() + (p - 1) * bytes;
            try (Buffers b = new Buffers()) {
              for (int first = from; first < to; first += step) {
                int count = Math.min(step, to - first);
                inputs(b, x, first, count);
                outputGradients(b, gradients, first, count);
                gradientProducts(b, sum, count, first > from);
              }
            }
          });
      for (int p = 1; p < sums; p++) {
        long other = others.storage.address() + (p - 1) * bytes;
        WinogradTransforms.add(other, kernels, bytes / FLOAT);
      }
    }
  }

  private void gradientProducts(Buffers b, long kernels, int count, boolean add) {
    int c = grid.channels();
    int k = grid.outChannels();
    ranges(
        COMPONENTS,
        (_, from, to) -> {
          for (int i = from; i < to; i++) {
            Blas.product(
                DType.F32,
                k,
                c,
                count,
                new Blas.Matrix(b.out + i * b.outStride, true, k),
                new Blas.Matrix(b.in + i * b.inStride, false, c),
                new Blas.Matrix(kernels + i * grid.kernelStride(), false, c),
                add);
          }
        });
  }

  private record Held(Storage storage) implements AutoCloseable {
    @Override
    public void close() {
      storage.free();
    }
  }

  @FunctionalInterface
  private interface Step {
    void run(Buffers buffers, int first, int count);
  }

  private void eachStep(Step body) {
    int steps = Math.ceilDiv(grid.squares(), step);
    AtomicInteger next = new AtomicInteger();
    int workers = shared ? 1 : Math.min(Parallel.THREADS, steps);
    Parallel.split(
        workers,
        _ -> {
          int s = next.getAndIncrement();
          if (s >= steps) {
            return;
          }
          try (Buffers b = new Buffers()) {
            for (; s < steps; s = next.getAndIncrement()) {
              body.run(b, s * step, Math.min(step, grid.squares() - s * step));
            }
          }
        });
  }

  @Override
  public void close() {
    zeros.free();
  }
}
