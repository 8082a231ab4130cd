package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.cpu.vector.FloatMath;
import dev.flambeau.torch.backend.cpu.vector.VectorRows;
import dev.flambeau.torch.op.Reduction;
import java.util.Arrays;

/**
 * Reductions block by block. Where the elements to combine lie side by side, a block is a part of
 * them: 512 interleaved partial results, merged pairwise at the end. Elsewhere a block is a part of
 * the outputs, and partial results are merged every 256 elements. Both keep rounding errors small.
 */
final class ReduceKernels {
  private static final int CASCADE = 256;
  private static final long LEAST_LANES = 32;

  /** Elements that 16 lanes add up without a loss of precision that counts. */
  private static final long ROW = 4096;

  /** Fewer outputs than this are computed one after another, each from parts side by side. */
  private static final long FEW = 4;

  /** Elements of a part at least: the same however many threads there are, and so the result. */
  private static final long PART = 1 << 15;

  private final FoldPrograms fold;
  private final DType type;
  private final DType compute;
  private final Tensor[] outputs;
  private final Strided kept;
  private final Strided reduced;
  private final long count;

  private ReduceKernels(Reduction op, Tensor input, Tensor[] outputs) {
    this.fold = FoldPrograms.of(op.fold());
    this.type = input.dtype();
    this.compute = type.compute();
    this.outputs = outputs;
    this.count = op.count(input.shape());
    boolean[] drop = new boolean[input.dim()];
    for (int axis : op.axesArray()) {
      drop[axis] = true;
    }
    Tensor keptInput = axes(input, drop, false);
    Tensor[] all = new Tensor[outputs.length + 1];
    all[0] = keptInput;
    for (int k = 0; k < outputs.length; k++) {
      all[k + 1] =
          new Tensor(
              outputs[k].storage(), Layout.contiguous(keptInput.shape()), outputs[k].dtype());
    }
    this.kept = Strided.of(keptInput.shape(), all);
    Tensor reducedInput = axes(input, drop, true);
    this.reduced = Strided.of(reducedInput.shape(), reducedInput);
  }

  /** The input seen along the reduced or the kept axes alone. */
  private static Tensor axes(Tensor input, boolean[] reduced, boolean which) {
    long[] sizes = new long[input.dim()];
    long[] strides = new long[input.dim()];
    int n = 0;
    for (int d = 0; d < sizes.length; d++) {
      if (reduced[d] == which) {
        sizes[n] = input.size(d);
        strides[n++] = input.layout().stride(d);
      }
    }
    Layout layout =
        Layout.of(
            Shape.of(Arrays.copyOf(sizes, n)), Arrays.copyOf(strides, n), input.layout().offset());
    return new Tensor(input.storage(), layout, input.dtype());
  }

  static void run(Reduction op, Tensor input, Tensor[] outputs) {
    new ReduceKernels(op, input, outputs).run();
  }

  private void run() {
    boolean sideBySide =
        reduced.stride(0) == type.bytes() && reduced.inner() >= LEAST_LANES && !fold.usesIndex();
    if (sideBySide && kept.outer() * kept.inner() < FEW && count >= 2 * PART) {
      inParts();
    } else if (sideBySide && fold.adds() && rowsOfFloats()) {
      Parallel.run(kept.outer(), kept.inner() * count, this::sumsOfRows);
    } else if (sideBySide) {
      Parallel.run(kept.outer(), kept.inner() * count, this::alongInputs);
    } else if (kept.outer() >= kept.inner() / Blocks.SIZE) {
      Parallel.run(
          kept.outer(), kept.inner() * count, (a, b) -> alongOutputs(a, b, 0, kept.inner()));
    } else {
      Parallel.run(
          kept.inner(), kept.outer() * count, (a, b) -> alongOutputs(0, kept.outer(), a, b));
    }
  }

  private boolean rowsOfFloats() {
    return type == DType.F32 && reduced.outer() == 1 && count <= ROW && FloatMath.vectors();
  }

  /** Merging the lanes of a block for each short row would take most of the time. */
  private void sumsOfRows(long from, long to) {
    Folding folding = new Folding(fold, compute);
    float[] lanes = new float[VectorRows.LANES];
    kept.forEach(
        from,
        to,
        (addresses, n) -> {
          for (long i = 0; i < n; i += Blocks.SIZE) {
            int some = (int) Math.min(Blocks.SIZE, n - i);
            for (int j = 0; j < some; j++) {
              long row = addresses[0] + (i + j) * kept.stride(0);
              float sum = VectorRows.sum(row, (int) count, lanes);
              folding.blocks.bits(folding.total(0), j, Float.floatToRawIntBits(sum));
            }
            finish(folding, addresses, i, some);
          }
        });
  }

  private void alongInputs(long from, long to) {
    Folding folding = new Folding(fold, compute);
    Blocks blocks = folding.blocks;
    int lanes = (int) Math.min(Blocks.SIZE, reduced.inner());
    long base = reduced.base(0);
    kept.forEach(
        from,
        to,
        (addresses, n) -> {
          for (long i = 0; i < n; i++) {
            blocks.prepare(fold.step(), lanes);
            folding.init(1, lanes);
            long start = addresses[0] + i * kept.stride(0) - base;
            reduced.forEach((at, length) -> lanes(folding, start + at[0], length));
            folding.mergeLanes(lanes);
            finish(folding, addresses, i, 1);
          }
        });
  }

  /** Outputs one by one, each from parts of its elements, which are merged in order. */
  private void inParts() {
    long part = Math.max(PART, (count + Blocks.SIZE - 1) / Blocks.SIZE);
    long runs = reduced.inner() >= part ? 1 : part / reduced.inner();
    long split = reduced.inner() >= part ? (reduced.inner() + part - 1) / part : 1;
    int parts = (int) ((reduced.outer() + runs - 1) / runs * split);
    long base = reduced.base(0);
    kept.forEach(
        (addresses, n) -> {
          for (long i = 0; i < n; i++) {
            long start = addresses[0] + i * kept.stride(0) - base;
            long[][] states = new long[parts][];
            Parallel.run(
                parts,
                part,
                (from, to) -> {
                  for (long p = from; p < to; p++) {
                    long first = p / split * runs;
                    long last = Math.min(first + runs, reduced.outer());
                    long piece = p % split;
                    states[(int) p] = part(start, first, last, piece * part, split > 1 ? part : 0);
                  }
                });
            finish(merge(states), addresses, i, 1);
          }
        });
  }

  /** The states of some runs, or of {@code most} elements from {@code skip} on of one run. */
  private long[] part(long start, long first, long last, long skip, long most) {
    Folding folding = new Folding(fold, compute);
    Blocks blocks = folding.blocks;
    long length = most == 0 ? reduced.inner() : Math.min(most, reduced.inner() - skip);
    int lanes = (int) Math.min(Blocks.SIZE, length);
    blocks.prepare(fold.step(), lanes);
    folding.init(1, lanes);
    long offset = start + skip * type.bytes();
    reduced.forEach(first, last, (at, _) -> lanes(folding, offset + at[0], length));
    folding.mergeLanes(lanes);
    long[] states = new long[fold.states()];
    for (int s = 0; s < states.length; s++) {
      states[s] = blocks.bits(folding.total(s), 0);
    }
    return states;
  }

  private Folding merge(long[][] parts) {
    Folding folding = new Folding(fold, compute);
    Blocks blocks = folding.blocks;
    for (int p = 0; p < parts.length; p++) {
      for (int s = 0; s < fold.states(); s++) {
        blocks.bits(1 + s, p, parts[p][s]);
      }
    }
    folding.mergeLanes(parts.length);
    return folding;
  }

  private void lanes(Folding folding, long address, long length) {
    Blocks blocks = folding.blocks;
    int width = type.bytes();
    long rows = length / Blocks.SIZE;
    boolean added =
        fold.adds()
            && blocks.addRows(
                1, type, address, width, (long) Blocks.SIZE * width, rows, Blocks.SIZE);
    for (long at = added ? rows * Blocks.SIZE : 0; at < length; at += Blocks.SIZE) {
      int n = (int) Math.min(Blocks.SIZE, length - at);
      blocks.load(0, type, address + at * type.bytes(), type.bytes(), n);
      folding.step(n);
    }
  }

  private void alongOutputs(long from, long to, long first, long last) {
    Folding folding = new Folding(fold, compute);
    Blocks blocks = folding.blocks;
    kept.forEach(
        from,
        to,
        (addresses, _) -> {
          for (long at = first; at < last; at += Blocks.SIZE) {
            int n = (int) Math.min(Blocks.SIZE, last - at);
            outputs(folding, addresses[0] + at * kept.stride(0), n);
            finish(folding, addresses, at, n);
          }
        });
  }

  /** Folds all elements of {@code n} neighbouring outputs into the totals. */
  private void outputs(Folding folding, long address, int n) {
    Blocks blocks = folding.blocks;
    folding.init(folding.total(0), n);
    long base = reduced.base(0);
    long[] done = {0};
    reduced.forEach(
        (at, length) -> {
          for (long i = 0; i < length; ) {
            if (done[0] % CASCADE == 0) {
              folding.restart(done[0] > 0, n);
            }
            long element = address + at[0] - base + i * reduced.stride(0);
            long rows = Math.min(length - i, CASCADE - done[0] % CASCADE);
            if (!fold.adds()
                || !blocks.addRows(1, type, element, kept.stride(0), reduced.stride(0), rows, n)) {
              rows = 1;
              element(folding, element, done[0], n);
            }
            i += rows;
            done[0] += rows;
          }
        });
    if (done[0] > 0) {
      folding.mergeTotals(n);
    }
  }

  private void element(Folding folding, long address, long index, int n) {
    Blocks blocks = folding.blocks;
    blocks.load(0, type, address, kept.stride(0), n);
    if (fold.usesIndex()) {
      blocks.fill(fold.states() + 1, index, n);
    }
    folding.step(n);
  }

  /** Stores the results of {@code n} totals as the outputs from index {@code at} of the run on. */
  private void finish(Folding folding, long[] addresses, long at, int n) {
    Blocks blocks = folding.blocks;
    int states = fold.states();
    for (int s = 0; s < states; s++) {
      blocks.move(folding.total(s), s, n);
    }
    blocks.prepare(fold.finish(), n);
    blocks.fill(states, count, n);
    blocks.run(fold.finish(), n);
    for (int k = 0; k < outputs.length; k++) {
      long stride = kept.stride(1 + k);
      blocks.store(
          fold.finish().outputs()[k],
          outputs[k].dtype(),
          addresses[1 + k] + at * stride,
          stride,
          n);
    }
  }
}
