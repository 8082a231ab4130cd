package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.op.expr.Prim;
import java.util.Arrays;

/** Blocks of {@code long}: each primitive by its meaning in {@link Prim}. */
final class LongBlocks extends Blocks {
  private long[][] r = new long[0][];

  @Override
  void grow(int registers) {
    int before = r.length;
    if (before < registers) {
      r = Arrays.copyOf(r, registers);
      for (int i = before; i < registers; i++) {
        r[i] = new long[SIZE];
      }
    }
  }

  @Override
  void fill(int register, double value, int count) {
    Arrays.fill(r[register], 0, count, (long) value);
  }

  @Override
  long bits(int register, int lane) {
    return r[register][lane];
  }

  @Override
  void bits(int register, int lane, long bits) {
    r[register][lane] = bits;
  }

  @Override
  void load(int register, DType type, long address, long stride, int count) {
    long[] to = r[register];
    if (stride == 0) {
      Arrays.fill(to, 0, count, Memory.integer(type, address));
      return;
    }
    for (int i = 0; i < count; i++) {
      to[i] = Memory.integer(type, address + i * stride);
    }
  }

  @Override
  void store(int register, DType type, long address, long stride, int count) {
    long[] from = r[register];
    for (int i = 0; i < count; i++) {
      Memory.integer(type, address + i * stride, from[i]);
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
    long[] out = r[step.out()];
    long[] a = r[step.a()];
    long[] b = r[step.b()];
    Prim prim = step.prim();
    if (prim == null) {
      long[] c = r[step.c()];
      for (int i = 0; i < count; i++) {
        out[i] = a[i] != 0 ? b[i] : c[i];
      }
      return;
    }
    for (int i = 0; i < count; i++) {
      out[i] = prim.integer(a[i], b[i]);
    }
  }
}
