package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.Pointwise;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Runs pointwise operators block by block, on several threads when they are large. */
final class PointwiseKernels {
  private static final Map<Pointwise, Program> PROGRAMS = new ConcurrentHashMap<>();

  private static final double[] NO_NUMBERS = {};

  private PointwiseKernels() {}

  static void run(Pointwise op, Tensor[] inputs, Tensor[] outputs) {
    Meta[] metas = new Meta[inputs.length];
    for (int i = 0; i < metas.length; i++) {
      metas[i] = inputs[i].meta();
    }
    run(program(op), op.computeType(metas), inputs, outputs);
  }

  static Program program(Pointwise op) {
    Program program = PROGRAMS.get(op);
    if (program == null) {
      program = Program.of(op.outputs(), op.arity());
      PROGRAMS.put(op, program);
    }
    return program;
  }

  static void run(Program program, DType compute, Tensor[] inputs, Tensor[] outputs) {
    run(program, compute, inputs, NO_NUMBERS, outputs);
  }

  /** The program's first inputs are tensors, the others numbers. */
  static void run(
      Program program, DType compute, Tensor[] inputs, double[] numbers, Tensor[] outputs) {
    Tensor[] all = new Tensor[outputs.length + inputs.length];
    System.arraycopy(outputs, 0, all, 0, outputs.length);
    System.arraycopy(inputs, 0, all, outputs.length, inputs.length);
    Strided strided = Strided.of(outputs[0].shape(), all);
    Loop loop = new Loop(program, compute, inputs, numbers, outputs, strided, single(inputs));
    split(strided, program, loop::runs);
  }

  /** Runs {@code from} to {@code to}, of each the elements {@code first} to {@code last}. */
  interface Part {
    void run(long from, long to, long first, long last);
  }

  /** Shares the runs of a program's elements among the processors, or their elements if few. */
  static void split(Strided strided, Program program, Part part) {
    long inner = strided.inner();
    long outer = strided.outer();
    long cost = 1 + program.steps().size() / 4;
    if (outer >= inner / Blocks.SIZE) {
      Parallel.run(outer, inner * cost, (from, to) -> part.run(from, to, 0, inner));
    } else {
      Parallel.run(inner, outer * cost, (from, to) -> part.run(0, outer, from, to));
    }
  }

  /** Which tensors have one element, which is put into a register once. */
  static boolean[] single(Tensor[] inputs) {
    boolean[] single = new boolean[inputs.length];
    for (int i = 0; i < single.length; i++) {
      single[i] = inputs[i].numel() == 1;
    }
    return single;
  }

  private record Loop(
      Program program,
      DType compute,
      Tensor[] inputs,
      double[] numbers,
      Tensor[] outputs,
      Strided strided,
      boolean[] single) {

    void runs(long from, long to, long first, long last) {
      Blocks blocks = Blocks.of(compute);
      int most = (int) Math.min(Blocks.SIZE, last - first);
      blocks.prepare(program, most);
      for (int i = 0; i < numbers.length; i++) {
        blocks.fill(inputs.length + i, numbers[i], most);
      }
      for (int i = 0; i < inputs.length; i++) {
        if (single[i]) {
          blocks.load(i, inputs[i].dtype(), inputs[i].address(), 0, most);
        }
      }
      strided.forEach(
          from,
          to,
          (addresses, _) -> {
            for (long at = first; at < last; at += Blocks.SIZE) {
              block(blocks, addresses, at, (int) Math.min(Blocks.SIZE, last - at));
            }
          });
    }

    private void block(Blocks blocks, long[] addresses, long at, int count) {
      int k = outputs.length;
      for (int i = 0; i < inputs.length; i++) {
        if (!single[i]) {
          long stride = strided.stride(k + i);
          blocks.load(i, inputs[i].dtype(), addresses[k + i] + at * stride, stride, count);
        }
      }
      for (int i = 0; i < k; i++) {
        if (program.last(i)) {
          long stride = strided.stride(i);
          blocks.bind(
              program.outputs()[i], outputs[i].dtype(), addresses[i] + at * stride, stride, count);
        }
      }
      blocks.run(program, count);
      for (int i = 0; i < k; i++) {
        long stride = strided.stride(i);
        blocks.store(
            program.outputs()[i], outputs[i].dtype(), addresses[i] + at * stride, stride, count);
      }
    }
  }
}
