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
import dev.flambeau.torch.op.expr.Expr;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Floats to small integers in one pass, or two where the range is to be found first. */
final class QuantizeKernels {
  private static final Map<Quantize, Program> PROGRAMS = new ConcurrentHashMap<>();

  private static final Quantize BYTES = Quantize.to(DType.U8, 0, 255);

  /** Elements a part: their floats stay in the first-level cache. */
  private static final long PART = 1 << 13;

  private QuantizeKernels() {}

  static void register(Kernels kernels) {
    kernels.register(
        Quantize.class,
        (op, in, out) -> FloatMath.vectors() && isPlain(op, in, out[0]),
        (op, in, out) ->
            bytes(
                in[0].address(),
                in[0].numel(),
                (float) Memory.real(in[1].dtype(), in[1].address()),
                (int) Memory.integer(in[2].dtype(), in[2].address()),
                op,
                out[0].address()));
    kernels.register(
        Quantize.class,
        (op, in, out) -> {
          Meta[] metas = new Meta[in.length];
          Arrays.setAll(metas, i -> in[i].meta());
          PointwiseKernels.run(program(op), Quantize.compute(metas), in, out);
        });
    kernels.register(
        QuantizeDynamic.class,
        (_, in, _) -> FloatMath.vectors() && in[0].layout().isDense(),
        (_, in, out) -> dynamic(in[0], out));
  }

  private static Program program(Quantize op) {
    return PROGRAMS.computeIfAbsent(op, o -> Program.of(List.of(o.steps()), o.arity() + 2));
  }

  /** Floats side by side to bytes, with one scale and zero point. */
  private static boolean isPlain(Quantize op, Tensor[] in, Tensor out) {
    return op.body().equals(Expr.in(0))
        && in[0].dtype() == DType.F32
        && out.dtype().bytes() == 1
        && in[0].numel() == out.numel()
        && in[0].layout().isDense()
        && in[1].numel() == 1
        && in[1].dtype() == DType.F32
        && in[2].numel() == 1
        && !in[2].dtype().isFloat();
  }

  private static void bytes(
      long from, long count, float scale, int zero, Quantize op, long to) {
    long parts = Math.ceilDiv(count, PART);
    Parallel.run(
        parts,
        PART,
        (first, last) -> {
          for (long p = first; p < last; p++) {
            long at = p * PART;
            int size = (int) Math.min(PART, count - at);
            int low = (int) op.low();
            int high = (int) op.high();
            VectorRows.quantize(from + at * Float.BYTES, scale, zero, low, high, to + at, size);
          }
        });
  }

  private static void dynamic(Tensor x, Tensor[] out) {
    float[] extremes = extremes(x.address(), x.numel());
    float scale = QuantizeDynamic.scale(extremes[0], extremes[1]);
    int zero = QuantizeDynamic.zero(extremes[0], scale);
    Memory.ALL.set(Memory.FLOAT, out[1].address(), scale);
    Memory.ALL.set(Memory.BYTE, out[2].address(), (byte) zero);
    bytes(x.address(), x.numel(), scale, zero, BYTES, out[0].address());
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
