package dev.flambeau.torch.backend.cpu.vector;

import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.op.expr.Erf;

/** One element at a time, through double precision: the twin of {@link VectorFloatMath}. */
final class ScalarFloatMath implements FloatMath {
  private static float at(long row, int i) {
    return Memory.ALL.get(Memory.FLOAT, row + (long) i * Float.BYTES);
  }

  private static void set(long row, int i, double value) {
    Memory.ALL.set(Memory.FLOAT, row + (long) i * Float.BYTES, (float) value);
  }

  @Override
  public void add(long a, long b, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, at(a, i) + at(b, i));
    }
  }

  @Override
  public void sub(long a, long b, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, at(a, i) - at(b, i));
    }
  }

  @Override
  public void mul(long a, long b, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, at(a, i) * at(b, i));
    }
  }

  @Override
  public void div(long a, long b, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, at(a, i) / at(b, i));
    }
  }

  @Override
  public void neg(long in, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, -at(in, i));
    }
  }

  @Override
  public void abs(long in, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, Math.abs(at(in, i)));
    }
  }

  @Override
  public void sqrt(long in, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, Math.sqrt(at(in, i)));
    }
  }

  @Override
  public void exp(long in, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, Math.exp(at(in, i)));
    }
  }

  @Override
  public void log(long in, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, Math.log(at(in, i)));
    }
  }

  @Override
  public void tanh(long in, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, Math.tanh(at(in, i)));
    }
  }

  @Override
  public void sigmoid(long in, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, 1 / (1 + Math.exp(-at(in, i))));
    }
  }

  @Override
  public void erf(long in, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, Erf.erf(at(in, i)));
    }
  }

  @Override
  public void phi(long in, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, Erf.ndtr(at(in, i)));
    }
  }

  @Override
  public void min(long a, long b, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, Math.min(at(a, i), at(b, i)));
    }
  }

  @Override
  public void max(long a, long b, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, Math.max(at(a, i), at(b, i)));
    }
  }

  @Override
  public void lt(long a, long b, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, at(a, i) < at(b, i) ? 1 : 0);
    }
  }

  @Override
  public void le(long a, long b, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, at(a, i) <= at(b, i) ? 1 : 0);
    }
  }

  @Override
  public void eq(long a, long b, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, at(a, i) == at(b, i) ? 1 : 0);
    }
  }

  @Override
  public void and(long a, long b, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, at(a, i) != 0 && at(b, i) != 0 ? 1 : 0);
    }
  }

  @Override
  public void addRows(long sums, long rows, long stride, long number, int count) {
    for (long r = 0; r < number; r++) {
      add(sums, rows + r * stride, sums, count);
    }
  }

  @Override
  public void fill(float value, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, value);
    }
  }

  @Override
  public void where(long condition, long yes, long no, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, at(condition, i) != 0 ? at(yes, i) : at(no, i));
    }
  }

  @Override
  public void fromBFloat16(long in, long out, int count) {
    for (int i = 0; i < count; i++) {
      int bits = Memory.ALL.get(Memory.SHORT, in + (long) i * Short.BYTES) << Short.SIZE;
      set(out, i, Float.intBitsToFloat(bits));
    }
  }

  @Override
  public void toBFloat16(long in, long out, int count) {
    for (int i = 0; i < count; i++) {
      Memory.ALL.set(Memory.SHORT, out + (long) i * Short.BYTES, Memory.toBFloat16(at(in, i)));
    }
  }

  @Override
  public void round(long in, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, Math.rint(at(in, i)));
    }
  }

  @Override
  public void fromBytes(long in, boolean signed, long out, int count) {
    int mask = signed ? -1 : 0xff;
    for (int i = 0; i < count; i++) {
      set(out, i, Memory.ALL.get(Memory.BYTE, in + i) & mask);
    }
  }

  @Override
  public void fromInts(long in, long out, int count) {
    for (int i = 0; i < count; i++) {
      int value = Memory.ALL.get(Memory.INT, in + (long) i * Integer.BYTES);
      Memory.ALL.set(Memory.FLOAT, out + (long) i * Float.BYTES, value);
    }
  }

  @Override
  public void toBytes(long in, long out, int count) {
    for (int i = 0; i < count; i++) {
      Memory.ALL.set(Memory.BYTE, out + i, (byte) (long) at(in, i));
    }
  }

  @Override
  public void positiveBits(long address, long count, long bits) {
    positiveBits(address, 0, count, bits);
  }

  static void positiveBits(long address, long from, long count, long bits) {
    for (long i = from; i < count; i += Byte.SIZE) {
      int all = 0;
      for (int k = 0; k < Byte.SIZE && i + k < count; k++) {
        boolean passes = !(Memory.ALL.get(Memory.FLOAT, address + (i + k) * Float.BYTES) <= 0);
        all |= passes ? 1 << k : 0;
      }
      Memory.ALL.set(Memory.BYTE, bits + i / Byte.SIZE, (byte) all);
    }
  }

  @Override
  public boolean anyNaN(long address, long count) {
    return anyNaN(address, 0, count);
  }

  static boolean anyNaN(long address, long from, long count) {
    for (long i = from; i < count; i++) {
      if (Float.isNaN(Memory.ALL.get(Memory.FLOAT, address + i * Float.BYTES))) {
        return true;
      }
    }
    return false;
  }
}
