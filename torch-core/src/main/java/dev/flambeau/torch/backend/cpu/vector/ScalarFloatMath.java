package dev.flambeau.torch.backend.cpu.vector;

import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.op.expr.Erf;

/** One element at a time, through double precision: the twin of {@link VectorFloatMath}. */
final class ScalarFloatMath implements FloatMath {
  @Override
  public void exp(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = (float) Math.exp(in[i]);
    }
  }

  @Override
  public void log(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = (float) Math.log(in[i]);
    }
  }

  @Override
  public void tanh(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = (float) Math.tanh(in[i]);
    }
  }

  @Override
  public void sigmoid(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = (float) (1 / (1 + Math.exp(-in[i])));
    }
  }

  @Override
  public void erf(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = (float) Erf.erf(in[i]);
    }
  }

  @Override
  public void min(float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = Math.min(a[i], b[i]);
    }
  }

  @Override
  public void max(float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = Math.max(a[i], b[i]);
    }
  }

  @Override
  public void lt(float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = a[i] < b[i] ? 1f : 0f;
    }
  }

  @Override
  public void le(float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = a[i] <= b[i] ? 1f : 0f;
    }
  }

  @Override
  public void eq(float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = a[i] == b[i] ? 1f : 0f;
    }
  }

  @Override
  public void and(float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = a[i] != 0 && b[i] != 0 ? 1f : 0f;
    }
  }

  @Override
  public void where(float[] condition, float[] yes, float[] no, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = condition[i] != 0 ? yes[i] : no[i];
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
