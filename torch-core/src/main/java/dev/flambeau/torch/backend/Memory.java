package dev.flambeau.torch.backend;

import dev.flambeau.torch.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Typed reads and writes at native addresses. The caller answers for the address. */
public final class Memory {
  /** All of memory: an offset into it is an address. */
  public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  public static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.nativeOrder());
  public static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.nativeOrder());
  public static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.nativeOrder());
  public static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.nativeOrder());
  public static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.nativeOrder());
  public static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  private Memory() {}

  /**
   * A part of memory. In loops over int counters, the processor checks the bounds of a part once
   * and those of {@link #ALL} at every access.
   */
  public static MemorySegment part(long address, long bytes) {
    return ALL.asSlice(address, bytes);
  }

  /** The element as a double; integers above 2^53 lose precision. */
  public static double real(DType type, long address) {
    return switch (type) {
      case F32 -> ALL.get(FLOAT, address);
      case F64 -> ALL.get(DOUBLE, address);
      case F16 -> Float.float16ToFloat(ALL.get(SHORT, address));
      case BF16 -> Float.intBitsToFloat(ALL.get(SHORT, address) << 16);
      case BOOL, U8, I8, I16, I32, I64 -> integer(type, address);
    };
  }

  /** The element as a long; floats truncate toward zero. */
  public static long integer(DType type, long address) {
    return switch (type) {
      case BOOL -> ALL.get(BYTE, address) != 0 ? 1 : 0;
      case U8 -> ALL.get(BYTE, address) & 0xff;
      case I8 -> ALL.get(BYTE, address);
      case I16 -> ALL.get(SHORT, address);
      case I32 -> ALL.get(INT, address);
      case I64 -> ALL.get(LONG, address);
      case F16, BF16, F32, F64 -> (long) real(type, address);
    };
  }

  /** Stores a double, rounded or truncated to the type; anything but 0 is true. */
  public static void real(DType type, long address, double value) {
    switch (type) {
      case F32 -> ALL.set(FLOAT, address, (float) value);
      case F64 -> ALL.set(DOUBLE, address, value);
      case F16 -> ALL.set(SHORT, address, Float.floatToFloat16((float) value));
      case BF16 -> ALL.set(SHORT, address, toBFloat16((float) value));
      case BOOL -> ALL.set(BYTE, address, (byte) (value != 0 ? 1 : 0));
      case U8, I8, I16, I32, I64 -> integer(type, address, (long) value);
    }
  }

  /** Stores a long, wrapped to the type; anything but 0 is true. */
  public static void integer(DType type, long address, long value) {
    switch (type) {
      case BOOL -> ALL.set(BYTE, address, (byte) (value != 0 ? 1 : 0));
      case U8, I8 -> ALL.set(BYTE, address, (byte) value);
      case I16 -> ALL.set(SHORT, address, (short) value);
      case I32 -> ALL.set(INT, address, (int) value);
      case I64 -> ALL.set(LONG, address, value);
      case F16, BF16, F32, F64 -> real(type, address, value);
    }
  }

  /** Round to nearest even; NaN stays NaN. */
  public static short toBFloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (value != value) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }

  public static void copy(long from, long to, long bytes) {
    MemorySegment.copy(ALL, from, ALL, to, bytes);
  }

  public static void fill(long address, long bytes, byte value) {
    ALL.asSlice(address, bytes).fill(value);
  }
}
