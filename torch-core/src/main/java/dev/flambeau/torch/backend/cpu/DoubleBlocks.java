package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.op.expr.Prim;
import java.util.Arrays;

/** Blocks of {@code double}: each primitive by its meaning in {@link Prim}. */
final class DoubleBlocks extends Blocks {
  private double[][] r = new double[0][];

  @Override
  void grow(int registers) {
    int before = r.length;
    if (before < registers) {
      r = Arrays.copyOf(r, registers);
      for (int i = before; i < registers; i++) {
        r[i] = new double[SIZE];
      }
    }
  }

  @Override
  void fill(int register, double value, int count) {
    Arrays.fill(r[register], 0, count, value);
  }

  @Override
  long bits(int register, int lane) {
    return Double.doubleToRawLongBits(r[register][lane]);
  }

  @Override
  void bits(int register, int lane, long bits) {
    r[register][lane] = Double.longBitsToDouble(bits);
  }

  @Override
  void load(int register, DType type, long address, long stride, int count) {
    double[] to = r[register];
    if (stride == 0) {
      Arrays.fill(to, 0, count, Memory.real(type, address));
      return;
    }
    for (int i = 0; i < count; i++) {
      to[i] = Memory.real(type, address + i * stride);
    }
  }

  @Override
  void store(int register, DType type, long address, long stride, int count) {
    double[] from = r[register];
    for (int i = 0; i < count; i++) {
      Memory.real(type, address + i * stride, from[i]);
    }
  }

  @Override
  void move(int from, int to, int count) {
    System.arraycopy(r[from], 0, r[to], 0, count);
  }

  @Override
  void shift(int from, int start, int to, int count) {
    System.arraycopy(r[from], start, r[to], 0, count);
  }

  @Override
  void run(Program.Step step, int count) {
    double[] out = r[step.out()];
    double[] a = r[step.a()];
    double[] b = r[step.b()];
    Prim prim = step.prim();
    if (prim == null) {
      double[] c = r[step.c()];
      for (int i = 0; i < count; i++) {
        out[i] = a[i] != 0 ? b[i] : c[i];
      }
      return;
    }
    for (int i = 0; i < count; i++) {
      out[i] = prim.real(a[i], b[i]);
    }
  }
}
