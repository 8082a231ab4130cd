package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.backend.cpu.vector.FloatMath;
import dev.flambeau.torch.backend.cpu.vector.VectorRows;
import dev.flambeau.torch.op.expr.Prim;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Blocks of {@code float}, in native memory, so that a register can be the tensor's own memory:
 * dense floats are neither loaded nor stored. Primitives without a loop in {@link FloatMath} run by
 * their meaning in {@link Prim}.
 */
final class FloatBlocks extends Blocks {
  /** A cache line more than a block, so that registers do not share the places of a cache set. */
  private static final long SPACING = (SIZE + FloatMath.GROUP) * (long) Float.BYTES;

  private static final FloatMath MATH = FloatMath.INSTANCE;

  /** Keeps the registers' memory as long as this is in use. */
  private final List<MemorySegment> memory = new ArrayList<>();

  private long[] own = new long[0];
  private long[] r = own;

  @Override
  void grow(int registers) {
    int before = own.length;
    if (before < registers) {
      own = Arrays.copyOf(own, registers);
      MemorySegment segment = Arena.ofAuto().allocate(SPACING * (registers - before), 64);
      memory.add(segment);
      for (int i = before; i < registers; i++) {
        own[i] = segment.address() + SPACING * (i - before);
      }
      r = own.clone();
    }
  }

  @Override
  void reset() {
    System.arraycopy(own, 0, r, 0, r.length);
  }

  private static boolean direct(DType type, long stride, int count) {
    return type == DType.F32 && stride == Float.BYTES && count % FloatMath.GROUP == 0;
  }

  private static float get(long row, int i) {
    return Memory.ALL.get(Memory.FLOAT, row + (long) i * Float.BYTES);
  }

  private static void set(long row, int i, float value) {
    Memory.ALL.set(Memory.FLOAT, row + (long) i * Float.BYTES, value);
  }

  @Override
  void fill(int register, double value, int count) {
    r[register] = own[register];
    MATH.fill((float) value, own[register], count);
  }

  @Override
  long bits(int register, int lane) {
    return Float.floatToRawIntBits(get(r[register], lane));
  }

  @Override
  void bits(int register, int lane, long bits) {
    r[register] = own[register];
    set(own[register], lane, Float.intBitsToFloat((int) bits));
  }

  @Override
  void load(int register, DType type, long address, long stride, int count) {
    if (direct(type, stride, count)) {
      r[register] = address;
      return;
    }
    long to = own[register];
    r[register] = to;
    if (stride == 0) {
      fill(register, Memory.real(type, address), count);
      return;
    }
    switch (type) {
      case F32 -> loadFloats(to, address, stride, count);
      case F16 -> {
        for (int i = 0; i < count; i++) {
          set(to, i, Float.float16ToFloat(Memory.ALL.get(Memory.SHORT, address + i * stride)));
        }
      }
      case BF16 -> loadBFloat16(to, address, stride, count);
      case U8, I8 -> loadBytes(to, type, address, stride, count);
      case I32 -> loadInts(to, address, stride, count);
      default -> {
        for (int i = 0; i < count; i++) {
          set(to, i, (float) Memory.real(type, address + i * stride));
        }
      }
    }
  }

  private static void loadFloats(long to, long address, long stride, int count) {
    if (stride == Float.BYTES) {
      Memory.copy(address, to, (long) count * Float.BYTES);
      return;
    }
    for (int i = 0; i < count; i++) {
      set(to, i, Memory.ALL.get(Memory.FLOAT, address + i * stride));
    }
  }

  private static void loadBFloat16(long to, long address, long stride, int count) {
    int vectors = stride == Short.BYTES ? count - count % FloatMath.GROUP : 0;
    MATH.fromBFloat16(address, to, vectors);
    for (int i = vectors; i < count; i++) {
      set(to, i, Float.intBitsToFloat(Memory.ALL.get(Memory.SHORT, address + i * stride) << 16));
    }
  }

  private static void loadBytes(long to, DType type, long address, long stride, int count) {
    int vectors = stride == Byte.BYTES ? count - count % FloatMath.GROUP : 0;
    MATH.fromBytes(address, type == DType.I8, to, vectors);
    int mask = type == DType.I8 ? -1 : 0xff;
    for (int i = vectors; i < count; i++) {
      set(to, i, Memory.ALL.get(Memory.BYTE, address + i * stride) & mask);
    }
  }

  private static void loadInts(long to, long address, long stride, int count) {
    int vectors = stride == Integer.BYTES ? count - count % FloatMath.GROUP : 0;
    MATH.fromInts(address, to, vectors);
    for (int i = vectors; i < count; i++) {
      set(to, i, Memory.ALL.get(Memory.INT, address + i * stride));
    }
  }

  @Override
  void bind(int register, DType type, long address, long stride, int count) {
    r[register] = direct(type, stride, count) ? address : own[register];
  }

  @Override
  boolean bind(int register, int other, int count) {
    boolean whole = count % FloatMath.GROUP == 0;
    r[register] = whole ? own[other] : own[register];
    return whole;
  }

  @Override
  boolean addRows(
      int register, DType type, long rows, long step, long stride, long number, int count) {
    boolean possible = type == DType.F32 && step == Float.BYTES;
    if (possible) {
      MATH.addRows(r[register], rows, stride, number, count);
    }
    return possible;
  }

  @Override
  void store(int register, DType type, long address, long stride, int count) {
    long from = r[register];
    if (from == address && type == DType.F32) {
      return;
    }
    switch (type) {
      case F32 -> storeFloats(from, address, stride, count);
      case BF16 -> storeBFloat16(from, address, stride, count);
      case U8, I8 -> storeBytes(from, address, stride, count);
      case BOOL -> {
        for (int i = 0; i < count; i++) {
          Memory.ALL.set(Memory.BYTE, address + i * stride, (byte) (get(from, i) != 0 ? 1 : 0));
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          Memory.ALL.set(Memory.SHORT, address + i * stride, Float.floatToFloat16(get(from, i)));
        }
      }
      default -> {
        for (int i = 0; i < count; i++) {
          Memory.real(type, address + i * stride, get(from, i));
        }
      }
    }
  }

  private static void storeFloats(long from, long address, long stride, int count) {
    if (stride == Float.BYTES) {
      Memory.copy(from, address, (long) count * Float.BYTES);
      return;
    }
    for (int i = 0; i < count; i++) {
      Memory.ALL.set(Memory.FLOAT, address + i * stride, get(from, i));
    }
  }

  private static void storeBFloat16(long from, long address, long stride, int count) {
    int vectors = stride == Short.BYTES ? count - count % FloatMath.GROUP : 0;
    MATH.toBFloat16(from, address, vectors);
    for (int i = vectors; i < count; i++) {
      Memory.ALL.set(Memory.SHORT, address + i * stride, Memory.toBFloat16(get(from, i)));
    }
  }

  private static void storeBytes(long from, long address, long stride, int count) {
    int vectors = stride == Byte.BYTES ? count - count % FloatMath.GROUP : 0;
    MATH.toBytes(from, address, vectors);
    for (int i = vectors; i < count; i++) {
      Memory.ALL.set(Memory.BYTE, address + i * stride, (byte) (long) get(from, i));
    }
  }

  /** Stores a register as bytes: {@link VectorRows#quantize}. */
  void quantize(int register, float scale, int zero, int low, int high, long address, int count) {
    VectorRows.quantize(r[register], scale, zero, low, high, address, count);
  }

  @Override
  void move(int from, int to, int count) {
    shift(from, 0, to, count);
  }

  @Override
  void shift(int from, int start, int to, int count) {
    long source = r[from] + (long) start * Float.BYTES;
    r[to] = own[to];
    if (source != own[to]) {
      Memory.copy(source, own[to], (long) count * Float.BYTES);
    }
  }

  @Override
  void run(Program.Step step, int count) {
    long out = r[step.out()];
    long a = r[step.a()];
    long b = r[step.b()];
    if (step.prim() == null) {
      MATH.where(a, b, r[step.c()], out, count);
      return;
    }
    switch (step.prim()) {
      case ADD -> MATH.add(a, b, out, count);
      case SUB -> MATH.sub(a, b, out, count);
      case MUL -> MATH.mul(a, b, out, count);
      case DIV -> MATH.div(a, b, out, count);
      case MIN -> MATH.min(a, b, out, count);
      case MAX -> MATH.max(a, b, out, count);
      case LT -> MATH.lt(a, b, out, count);
      case LE -> MATH.le(a, b, out, count);
      case EQ -> MATH.eq(a, b, out, count);
      case AND -> MATH.and(a, b, out, count);
      case NEG -> MATH.neg(a, out, count);
      case ABS -> MATH.abs(a, out, count);
      case SQRT -> MATH.sqrt(a, out, count);
      case ROUND -> MATH.round(a, out, count);
      case EXP -> MATH.exp(a, out, count);
      case LOG -> MATH.log(a, out, count);
      case TANH -> MATH.tanh(a, out, count);
      case SIGMOID -> MATH.sigmoid(a, out, count);
      case ERF -> MATH.erf(a, out, count);
      case PHI -> MATH.phi(a, out, count);
      case NEXTAFTER -> nextAfter(a, b, out, count);
      default -> other(step.prim(), a, b, out, count);
    }
  }

  private static void nextAfter(long a, long b, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, Math.nextAfter(get(a, i), (double) get(b, i)));
    }
  }

  private static void other(Prim prim, long a, long b, long out, int count) {
    for (int i = 0; i < count; i++) {
      set(out, i, (float) prim.real(get(a, i), get(b, i)));
    }
  }
}
