package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.backend.cpu.vector.FloatMath;
import dev.flambeau.torch.backend.cpu.vector.VectorRows;
import dev.flambeau.torch.op.Quantize;
import dev.flambeau.torch.op.QuantizeDynamic;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Numbers to small integers in one pass, or two where the range is to be found first. With one
 * scale and bytes as results, the last steps (quotient, rounding, bounds, narrowing) are one loop,
 * which takes a fifth of the time that one after another takes on a block.
 */
final class QuantizeKernels {
  private static final Map<Quantize, Program> BODIES = new ConcurrentHashMap<>();
  private static final Map<Quantize, Program> PROGRAMS = new ConcurrentHashMap<>();
  private static final Quantize BYTES = Quantize.to(DType.U8, 0, 255);

  /** Elements a part of a search for extremes: their floats stay in the first-level cache. */
  private static final long PART = 1 << 13;

  private QuantizeKernels() {}

  static void register(Kernels kernels) {
    kernels.register(
        Quantize.class,
        (op, in, out) -> FloatMath.vectors() && isPlain(op, in, out[0]),
        (op, in, out) -> new Loop(op, in, out[0]).run());
    kernels.register(
        Quantize.class,
        (op, in, out) -> {
          Program program = program(PROGRAMS, op, op.arity() + 2);
          PointwiseKernels.run(program, Quantize.compute(metas(in)), in, out);
        });
    kernels.register(
        QuantizeDynamic.class,
        (_, in, _) -> FloatMath.vectors() && in[0].layout().isDense(),
        (_, in, out) -> dynamic(in[0], out));
  }

  private static Meta[] metas(Tensor[] in) {
    Meta[] metas = new Meta[in.length];
    Arrays.setAll(metas, i -> in[i].meta());
    return metas;
  }

  private static Program program(Map<Quantize, Program> known, Quantize op, int inputs) {
    return known.computeIfAbsent(
        op, o -> Program.of(List.of(known == BODIES ? o.body() : o.steps()), inputs));
  }

  private static boolean isPlain(Quantize op, Tensor[] in, Tensor out) {
    Tensor scale = in[op.arity()];
    Tensor zero = in[op.arity() + 1];
    return out.dtype().bytes() == 1
        && out.layout().isDense()
        && Quantize.compute(metas(in)) == DType.F32
        && scale.numel() == 1
        && zero.numel() == 1
        && !zero.dtype().isFloat();
  }

  /** What is computed, block by block, and at the end of each the rounding. */
  private static final class Loop {
    private final Quantize op;
    private final Program program;
    private final Tensor[] operands;
    private final boolean[] single;
    private final Strided strided;
    private final float scale;
    private final int zero;

    Loop(Quantize op, Tensor[] in, Tensor out) {
      this.op = op;
      program = program(BODIES, op, op.arity());
      operands = Arrays.copyOf(in, op.arity());
      single = PointwiseKernels.single(operands);
      Tensor[] all = new Tensor[operands.length + 1];
      all[0] = out;
      System.arraycopy(operands, 0, all, 1, operands.length);
      strided = Strided.of(out.shape(), all);
      scale = (float) Memory.real(in[op.arity()].dtype(), in[op.arity()].address());
      Tensor least = in[op.arity() + 1];
      zero = (int) Memory.integer(least.dtype(), least.address());
    }

    void run() {
      PointwiseKernels.split(strided, program, this::runs);
    }

    private void runs(long from, long to, long first, long last) {
      FloatBlocks blocks = (FloatBlocks) Blocks.of(DType.F32);
      int most = (int) Math.min(Blocks.SIZE, last - first);
      blocks.prepare(program, most);
      for (int i = 0; i < operands.length; i++) {
        if (single[i]) {
          blocks.load(i, operands[i].dtype(), operands[i].address(), 0, most);
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

    private void block(FloatBlocks blocks, long[] addresses, long at, int count) {
      for (int i = 0; i < operands.length; i++) {
        if (!single[i]) {
          long stride = strided.stride(i + 1);
          blocks.load(i, operands[i].dtype(), addresses[i + 1] + at * stride, stride, count);
        }
      }
      blocks.run(program, count);
      int low = (int) op.low();
      int high = (int) op.high();
      int result = program.outputs()[0];
      blocks.quantize(result, scale, zero, low, high, addresses[0] + at, count);
    }
  }

  private static void dynamic(Tensor x, Tensor[] out) {
    float[] extremes = extremes(x.address(), x.numel());
    float scale = QuantizeDynamic.scale(extremes[0], extremes[1]);
    int zero = QuantizeDynamic.zero(extremes[0], scale);
    Memory.ALL.set(Memory.FLOAT, out[1].address(), scale);
    Memory.ALL.set(Memory.BYTE, out[2].address(), (byte) zero);
    new Loop(BYTES, new Tensor[] {x, out[1], out[2]}, out[0]).run();
  }

  /** The least and the largest of {@code count} floats; what is NaN does not count. */
  private static float[] extremes(long address, long count) {
    int parts = (int) Math.ceilDiv(count, PART);
    float[][] found = new float[parts][2];
    Parallel.run(
        parts,
        PART / 2,
        (from, to) -> {
          for (int p = (int) from; p < to; p++) {
            int size = (int) Math.min(PART, count - p * PART);
            VectorRows.extremes(address + p * PART * Float.BYTES, size, found[p]);
          }
        });
    for (float[] some : found) {
      found[0][0] = Math.min(found[0][0], some[0]);
      found[0][1] = Math.max(found[0][1], some[1]);
    }
    return found[0];
  }
}
