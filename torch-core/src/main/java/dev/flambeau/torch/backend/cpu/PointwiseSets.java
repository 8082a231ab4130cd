package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.Pointwise;
import java.util.Arrays;

/**
 * One pointwise operator on many sets of tensors. Sets whose tensors lie alike in memory become one
 * long row of blocks, shared out to the processors without a look at where one tensor ends: a
 * thousand tensors of 16 elements cost hardly more than their elements.
 */
final class PointwiseSets {
  private final Program program;
  private final DType compute;
  private final double[] numbers;
  private final Tensor[][] inputs;
  private final Tensor[][] outputs;

  /** Sets that are part of the row, and where the blocks of each begin. */
  private final int[] members;

  private final long[] starts;
  private int count;
  private long elements;

  private PointwiseSets(
      Program program, DType compute, double[] numbers, Tensor[][] inputs, Tensor[][] outputs) {
    this.program = program;
    this.compute = compute;
    this.numbers = numbers;
    this.inputs = inputs;
    this.outputs = outputs;
    members = new int[inputs.length];
    starts = new long[inputs.length + 1];
  }

  static void run(Pointwise op, Tensor[][] inputs, double[] numbers, Tensor[][] outputs) {
    Program program = PointwiseKernels.program(op);
    boolean[] done = new boolean[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      if (!done[i]) {
        DType compute = computeType(op, inputs[i]);
        PointwiseSets sets = new PointwiseSets(program, compute, numbers, inputs, outputs);
        for (int k = i; k < inputs.length; k++) {
          if (!done[k] && (k == i || computeType(op, inputs[k]) == compute)) {
            done[k] = true;
            sets.add(k);
          }
        }
        sets.runRow();
      }
    }
  }

  private static DType computeType(Pointwise op, Tensor[] inputs) {
    DType first = inputs[0].dtype();
    boolean mixed = false;
    for (Tensor t : inputs) {
      mixed |= t.dtype() != first;
    }
    if (!mixed && first.isFloat()) {
      return first.compute();
    }
    Meta[] metas = new Meta[inputs.length];
    Arrays.setAll(metas, i -> inputs[i].meta());
    return op.computeType(metas);
  }

  private void add(int set) {
    if (!alike(inputs[set], outputs[set])) {
      PointwiseKernels.run(program, compute, inputs[set], numbers, outputs[set]);
      return;
    }
    long numel = inputs[set][0].numel();
    if (numel > 0) {
      members[count] = set;
      starts[count + 1] = starts[count] + (numel + Blocks.SIZE - 1) / Blocks.SIZE;
      count++;
      elements += numel;
    }
  }

  /** Whether element i of the memory of each belongs together. */
  private static boolean alike(Tensor[] inputs, Tensor[] outputs) {
    Layout first = inputs[0].layout();
    if (!first.isContiguous() && !first.isDense()) {
      return false;
    }
    for (Tensor t : inputs) {
      if (!alike(first, t.layout())) {
        return false;
      }
    }
    for (Tensor t : outputs) {
      if (!alike(first, t.layout())) {
        return false;
      }
    }
    return true;
  }

  private static boolean alike(Layout a, Layout b) {
    return a == b
        || a.isContiguous() && b.isContiguous()
        || Arrays.equals(a.strides(), b.strides());
  }

  private void runRow() {
    if (count > 0) {
      long blocks = starts[count];
      long cost = Math.max(1, elements / blocks) * (1 + program.steps().size() / 4);
      Parallel.run(blocks, cost, this::blocks);
    }
  }

  private void blocks(long from, long to) {
    Blocks blocks = Blocks.of(compute);
    blocks.prepare(program, Blocks.SIZE);
    int first = inputs[members[0]].length;
    for (int i = 0; i < numbers.length; i++) {
      blocks.fill(first + i, numbers[i], Blocks.SIZE);
    }
    int at = Arrays.binarySearch(starts, 0, count + 1, from);
    at = at >= 0 ? at : -at - 2;
    for (long done = from; done < to; at++) {
      long end = Math.min(to, starts[at + 1]);
      set(blocks, members[at], done - starts[at], end - starts[at]);
      done = end;
    }
  }

  private void set(Blocks blocks, int set, long from, long to) {
    long numel = inputs[set][0].numel();
    for (long b = from; b < to; b++) {
      long at = b * Blocks.SIZE;
      int size = (int) Math.min(Blocks.SIZE, numel - at);
      for (int i = 0; i < inputs[set].length; i++) {
        Tensor t = inputs[set][i];
        int bytes = t.dtype().bytes();
        blocks.load(i, t.dtype(), t.address() + at * bytes, bytes, size);
      }
      blocks.run(program, size);
      for (int k = 0; k < outputs[set].length; k++) {
        Tensor t = outputs[set][k];
        int bytes = t.dtype().bytes();
        blocks.store(program.outputs()[k], t.dtype(), t.address() + at * bytes, bytes, size);
      }
    }
  }
}
