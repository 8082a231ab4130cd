package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
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

/** Floats to small integers in one pass, or two where the range is to be found first. */
final class QuantizeKernels {
  private static final Map<Quantize, Program> PROGRAMS = new ConcurrentHashMap<>();

  /** Elements a part of a search for extremes. */
  private static final long PART = 1 << 15;

  private QuantizeKernels() {}

  static void register(Kernels kernels) {
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

  private static void dynamic(Tensor x, Tensor[] out) {
    float[] extremes = extremes(x.address(), x.numel());
    float scale = QuantizeDynamic.scale(extremes[0], extremes[1]);
    int zero = QuantizeDynamic.zero(extremes[0], scale);
    Memory.ALL.set(Memory.FLOAT, out[1].address(), scale);
    Memory.ALL.set(Memory.BYTE, out[2].address(), (byte) zero);
    Quantize op = Quantize.to(DType.U8, 0, 255);
    // In the order of memory, whatever the axes are.
    Shape flat = Shape.of(x.numel());
    Tensor from = Elements.over(x, Layout.of(flat, new long[] {1}, x.layout().offset()));
    Tensor to = Elements.over(out[0], Layout.contiguous(flat));
    PointwiseKernels.run(
        program(op), DType.F32, new Tensor[] {from, out[1], out[2]}, new Tensor[] {to});
  }

  /** The least and the largest of {@code count} floats; NaN if one is. */
  private static float[] extremes(long address, long count) {
    int parts = (int) Math.ceilDiv(count, PART);
    float[] low = new float[parts];
    float[] high = new float[parts];
    Parallel.run(
        parts,
        PART,
        (from, to) -> {
          for (int p = (int) from; p < to; p++) {
            long at = address + p * PART * Float.BYTES;
            int size = (int) Math.min(PART, count - p * PART);
            low[p] = VectorRows.min(at, size);
            high[p] = VectorRows.max(at, size);
          }
        });
    for (int p = 1; p < parts; p++) {
      low[0] = Math.min(low[0], low[p]);
      high[0] = Math.max(high[0], high[p]);
    }
    return new float[] {low[0], high[0]};
  }
}
