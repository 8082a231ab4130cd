package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.backend.cpu.vector.FloatMath;
import dev.flambeau.torch.op.expr.Prim;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Blocks of {@code float}. The simple primitives are plain loops, which the JVM compiles to vector
 * instructions; comparisons and transcendental ones go to {@link FloatMath}; the rest by their
 * meaning in {@link Prim}.
 */
final class FloatBlocks extends Blocks {
  private float[][] r = new float[0][];

  @Override
  void grow(int registers) {
    int before = r.length;
    if (before < registers) {
      r = Arrays.copyOf(r, registers);
      for (int i = before; i < registers; i++) {
        r[i] = new float[SIZE];
      }
    }
  }

  @Override
  void fill(int register, double value, int count) {
    Arrays.fill(r[register], 0, count, (float) value);
  }

  @Override
  void load(int register, DType type, long address, long stride, int count) {
    float[] to = r[register];
    if (stride == 0) {
      Arrays.fill(to, 0, count, (float) Memory.real(type, address));
      return;
    }
    switch (type) {
      case F32 -> loadFloats(to, address, stride, count);
      case F16 -> {
        for (int i = 0; i < count; i++) {
          to[i] = Float.float16ToFloat(Memory.ALL.get(Memory.SHORT, address + i * stride));
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          to[i] = Float.intBitsToFloat(Memory.ALL.get(Memory.SHORT, address + i * stride) << 16);
        }
      }
      case U8 -> {
        for (int i = 0; i < count; i++) {
          to[i] = Memory.ALL.get(Memory.BYTE, address + i * stride) & 0xff;
        }
      }
      default -> {
        for (int i = 0; i < count; i++) {
          to[i] = (float) Memory.real(type, address + i * stride);
        }
      }
    }
  }

  private static void loadFloats(float[] to, long address, long stride, int count) {
    if (stride == Float.BYTES) {
      MemorySegment.copy(Memory.ALL, Memory.FLOAT, address, to, 0, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      to[i] = Memory.ALL.get(Memory.FLOAT, address + i * stride);
    }
  }

  @Override
  void store(int register, DType type, long address, long stride, int count) {
    float[] from = r[register];
    switch (type) {
      case F32 -> storeFloats(from, address, stride, count);
      case BOOL -> {
        for (int i = 0; i < count; i++) {
          Memory.ALL.set(Memory.BYTE, address + i * stride, (byte) (from[i] != 0 ? 1 : 0));
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          Memory.ALL.set(Memory.SHORT, address + i * stride, Float.floatToFloat16(from[i]));
        }
      }
      default -> {
        for (int i = 0; i < count; i++) {
          Memory.real(type, address + i * stride, from[i]);
        }
      }
    }
  }

  private static void storeFloats(float[] from, long address, long stride, int count) {
    if (stride == Float.BYTES) {
      MemorySegment.copy(from, 0, Memory.ALL, Memory.FLOAT, address, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      Memory.ALL.set(Memory.FLOAT, address + i * stride, from[i]);
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
    float[] out = r[step.out()];
    float[] a = r[step.a()];
    float[] b = r[step.b()];
    if (step.prim() == null) {
      FloatMath.INSTANCE.where(a, b, r[step.c()], out, count);
      return;
    }
    switch (step.prim()) {
      case ADD -> add(a, b, out, count);
      case SUB -> sub(a, b, out, count);
      case MUL -> mul(a, b, out, count);
      case DIV -> div(a, b, out, count);
      case MIN -> FloatMath.INSTANCE.min(a, b, out, count);
      case MAX -> FloatMath.INSTANCE.max(a, b, out, count);
      case LT -> FloatMath.INSTANCE.lt(a, b, out, count);
      case LE -> FloatMath.INSTANCE.le(a, b, out, count);
      case EQ -> FloatMath.INSTANCE.eq(a, b, out, count);
      case AND -> FloatMath.INSTANCE.and(a, b, out, count);
      case NEG -> neg(a, out, count);
      case ABS -> abs(a, out, count);
      case SQRT -> sqrt(a, out, count);
      case EXP -> FloatMath.INSTANCE.exp(a, out, count);
      case LOG -> FloatMath.INSTANCE.log(a, out, count);
      case TANH -> FloatMath.INSTANCE.tanh(a, out, count);
      case SIGMOID -> FloatMath.INSTANCE.sigmoid(a, out, count);
      case ERF -> FloatMath.INSTANCE.erf(a, out, count);
      case NEXTAFTER -> nextAfter(a, b, out, count);
      default -> other(step.prim(), a, b, out, count);
    }
  }

  private static void nextAfter(float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = Math.nextAfter(a[i], (double) b[i]);
    }
  }

  private static void other(Prim prim, float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = (float) prim.real(a[i], b[i]);
    }
  }

  private static void add(float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = a[i] + b[i];
    }
  }

  private static void sub(float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = a[i] - b[i];
    }
  }

  private static void mul(float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = a[i] * b[i];
    }
  }

  private static void div(float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = a[i] / b[i];
    }
  }

  private static void neg(float[] a, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = -a[i];
    }
  }

  private static void abs(float[] a, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = Math.abs(a[i]);
    }
  }

  private static void sqrt(float[] a, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = (float) Math.sqrt(a[i]);
    }
  }
}
