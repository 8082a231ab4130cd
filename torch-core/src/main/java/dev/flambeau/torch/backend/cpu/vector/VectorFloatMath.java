package dev.flambeau.torch.backend.cpu.vector;

import dev.flambeau.torch.backend.Memory;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Whole vectors at a time, straight from and to memory: copies into Java arrays cost as much as the
 * arithmetic. The error function is x times a quotient of polynomials in x^2 up to 3.95, where it
 * rounds to 1; fitted to the exact function, relative error below 4e-7.
 *
 * <p>Each loop names its operator itself: one that gets it as a parameter is compiled to vector
 * instructions only where it happens to be inlined, and is ten times slower elsewhere.
 */
final class VectorFloatMath implements FloatMath {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(
          short.class, jdk.incubator.vector.VectorShape.forBitSize(LANES * Short.SIZE));

  /** As many bytes as floats; null with vectors of 128 bits, for which there is no such shape. */
  private static final VectorSpecies<Byte> BYTES =
      LANES < 8
          ? null
          : VectorSpecies.of(
              byte.class, jdk.incubator.vector.VectorShape.forBitSize(LANES * Byte.SIZE));

  private static final FloatMath SCALAR = new ScalarFloatMath();
  private static final VectorOperators.Conversion<Integer, Float> INT_TO_FLOAT =
      VectorOperators.I2F;
  private static final float WHOLE = 1 << 23;
  private static final float LARGEST_INT = 0x1p31f;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final ValueLayout.OfLong LITTLE_ENDIAN =
      Memory.LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static FloatVector at(long row, int i) {
    return FloatVector.fromMemorySegment(SPECIES, Memory.ALL, row + (long) i * Float.BYTES, ORDER);
  }

  private static void set(long row, int i, FloatVector value) {
    value.intoMemorySegment(Memory.ALL, row + (long) i * Float.BYTES, ORDER);
  }

  @Override
  public void add(long a, long b, long out, int count) {
    for (int i = 0; i < count; i += LANES) {
      set(out, i, at(a, i).add(at(b, i)));
    }
  }

  @Override
  public void sub(long a, long b, long out, int count) {
    for (int i = 0; i < count; i += LANES) {
      set(out, i, at(a, i).sub(at(b, i)));
    }
  }

  @Override
  public void mul(long a, long b, long out, int count) {
    for (int i = 0; i < count; i += LANES) {
      set(out, i, at(a, i).mul(at(b, i)));
    }
  }

  @Override
  public void div(long a, long b, long out, int count) {
    for (int i = 0; i < count; i += LANES) {
      set(out, i, at(a, i).div(at(b, i)));
    }
  }

  @Override
  public void neg(long in, long out, int count) {
    for (int i = 0; i < count; i += LANES) {
      set(out, i, at(in, i).neg());
    }
  }

  @Override
  public void abs(long in, long out, int count) {
    for (int i = 0; i < count; i += LANES) {
      set(out, i, at(in, i).abs());
    }
  }

  @Override
  public void sqrt(long in, long out, int count) {
    for (int i = 0; i < count; i += LANES) {
      set(out, i, at(in, i).sqrt());
    }
  }

  @Override
  public void exp(long in, long out, int count) {
    VectorExponentials.exp(in, out, count);
  }

  @Override
  public void log(long in, long out, int count) {
    VectorExponentials.log(in, out, count);
  }

  @Override
  public void tanh(long in, long out, int count) {
    VectorExponentials.tanh(in, out, count);
  }

  @Override
  public void sigmoid(long in, long out, int count) {
    VectorExponentials.sigmoid(in, out, count);
  }

  @Override
  public void erf(long in, long out, int count) {
    erf(in, out, count, 1, 1, 0, 3.95f);
  }

  @Override
  public void phi(long in, long out, int count) {
    erf(in, out, count, Math.sqrt(0.5), 0.5f, 0.5f, 5.6f);
  }

  /** shift + height erf(scale x); flat where |x| is {@code edge} or more. */
  private static void erf(
      long in, long out, int count, double scale, float height, float shift, float edge) {
    double s = scale * scale;
    FloatVector p5 = constant(2.02585442821146e-06 * s * s * s * s * s * scale * height);
    FloatVector p4 = constant(0.0002845123817678541 * s * s * s * s * scale * height);
    FloatVector p3 = constant(0.0038032755255699158 * s * s * s * scale * height);
    FloatVector p2 = constant(0.05286011844873428 * s * s * scale * height);
    FloatVector p1 = constant(0.19144564867019653 * s * scale * height);
    FloatVector p0 = constant(1.1283791065216064 * scale * height);
    FloatVector q5 = constant(3.7822068406967446e-05 * s * s * s * s * s);
    FloatVector q4 = constant(0.0011694194981828332 * s * s * s * s);
    FloatVector q3 = constant(0.015045343898236752 * s * s * s);
    FloatVector q2 = constant(0.11451501399278641 * s * s);
    FloatVector q1 = constant(0.5029969811439514 * s);
    FloatVector q0 = constant(1);
    FloatVector middle = constant(shift);
    FloatVector low = constant(shift - height);
    FloatVector high = constant(shift + height);
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = at(in, i);
      FloatVector t = x.mul(x);
      FloatVector p = p5.fma(t, p4).fma(t, p3).fma(t, p2).fma(t, p1).fma(t, p0);
      FloatVector q = q5.fma(t, q4).fma(t, q3).fma(t, q2).fma(t, q1).fma(t, q0);
      FloatVector y = x.mul(p).div(q).add(middle);
      y = y.blend(high, x.compare(VectorOperators.GE, edge));
      set(out, i, y.blend(low, x.compare(VectorOperators.LE, -edge)));
    }
  }

  private static FloatVector constant(double value) {
    return FloatVector.broadcast(SPECIES, (float) value);
  }

  @Override
  public void min(long a, long b, long out, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = at(a, i);
      FloatVector y = at(b, i);
      VectorMask<Float> first =
          x.compare(VectorOperators.LT, y).or(x.compare(VectorOperators.NE, x));
      set(out, i, y.blend(x, first));
    }
  }

  @Override
  public void max(long a, long b, long out, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = at(a, i);
      FloatVector y = at(b, i);
      VectorMask<Float> first =
          x.compare(VectorOperators.GT, y).or(x.compare(VectorOperators.NE, x));
      set(out, i, y.blend(x, first));
    }
  }

  @Override
  public void lt(long a, long b, long out, int count) {
    FloatVector zero = FloatVector.zero(SPECIES);
    for (int i = 0; i < count; i += LANES) {
      set(out, i, zero.blend(1, at(a, i).compare(VectorOperators.LT, at(b, i))));
    }
  }

  @Override
  public void le(long a, long b, long out, int count) {
    FloatVector zero = FloatVector.zero(SPECIES);
    for (int i = 0; i < count; i += LANES) {
      set(out, i, zero.blend(1, at(a, i).compare(VectorOperators.LE, at(b, i))));
    }
  }

  @Override
  public void eq(long a, long b, long out, int count) {
    FloatVector zero = FloatVector.zero(SPECIES);
    for (int i = 0; i < count; i += LANES) {
      set(out, i, zero.blend(1, at(a, i).compare(VectorOperators.EQ, at(b, i))));
    }
  }

  @Override
  public void and(long a, long b, long out, int count) {
    FloatVector zero = FloatVector.zero(SPECIES);
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> left = at(a, i).compare(VectorOperators.NE, 0);
      set(out, i, zero.blend(1, left.and(at(b, i).compare(VectorOperators.NE, 0))));
    }
  }

  @Override
  public void addRows(long sums, long rows, long stride, long number, int count) {
    int whole = count - count % LANES;
    long left = number;
    long row = rows;
    for (; left >= 4; left -= 4) {
      long second = row + stride;
      long third = second + stride;
      long fourth = third + stride;
      for (int i = 0; i < whole; i += LANES) {
        FloatVector pairs = at(row, i).add(at(second, i)).add(at(third, i).add(at(fourth, i)));
        set(sums, i, at(sums, i).add(pairs));
      }
      for (int i = whole; i < count; i++) {
        float pairs = one(row, i) + one(second, i) + (one(third, i) + one(fourth, i));
        one(sums, i, one(sums, i) + pairs);
      }
      row = fourth + stride;
    }
    for (; left > 0; left--) {
      add(sums, row, sums, whole);
      for (int i = whole; i < count; i++) {
        one(sums, i, one(sums, i) + one(row, i));
      }
      row += stride;
    }
  }

  private static float one(long row, int i) {
    return Memory.ALL.get(Memory.FLOAT, row + (long) i * Float.BYTES);
  }

  private static void one(long row, int i, float value) {
    Memory.ALL.set(Memory.FLOAT, row + (long) i * Float.BYTES, value);
  }

  @Override
  public void fill(float value, long out, int count) {
    FloatVector all = FloatVector.broadcast(SPECIES, value);
    for (int i = 0; i < count; i += LANES) {
      set(out, i, all);
    }
  }

  @Override
  public void where(long condition, long yes, long no, long out, int count) {
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> mask = at(condition, i).compare(VectorOperators.NE, 0);
      set(out, i, at(no, i).blend(at(yes, i), mask));
    }
  }

  @Override
  public void fromBFloat16(long in, long out, int count) {
    for (int i = 0; i < count; i += LANES) {
      ShortVector half =
          ShortVector.fromMemorySegment(SHORTS, Memory.ALL, in + (long) i * Short.BYTES, ORDER);
      IntVector bits = (IntVector) half.convertShape(VectorOperators.S2I, INTS, 0);
      set(out, i, bits.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats());
    }
  }

  @Override
  public void toBFloat16(long in, long out, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = at(in, i);
      IntVector bits = x.reinterpretAsInts();
      IntVector high = bits.lanewise(VectorOperators.LSHR, Short.SIZE);
      IntVector rounded =
          bits.add(0x7fff).add(high.and(1)).lanewise(VectorOperators.LSHR, Short.SIZE);
      VectorMask<Integer> nan = x.compare(VectorOperators.NE, x).cast(INTS);
      ShortVector half =
          (ShortVector)
              rounded.blend(high.or(0x40), nan).convertShape(VectorOperators.I2S, SHORTS, 0);
      half.intoMemorySegment(Memory.ALL, out + (long) i * Short.BYTES, ORDER);
    }
  }

  /** Adding and taking away 2^23, beyond which there are no fractions, rounds as hardware does. */
  @Override
  public void round(long in, long out, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = at(in, i);
      FloatVector size = x.abs();
      FloatVector whole = size.add(WHOLE).sub(WHOLE);
      IntVector sign = x.reinterpretAsInts().and(Integer.MIN_VALUE);
      FloatVector rounded = whole.reinterpretAsInts().or(sign).reinterpretAsFloats();
      set(out, i, x.blend(rounded, size.compare(VectorOperators.LT, WHOLE)));
    }
  }

  @Override
  public void fromBytes(long in, boolean signed, long out, int count) {
    if (BYTES == null) {
      SCALAR.fromBytes(in, signed, out, count);
    } else if (signed) {
      for (int i = 0; i < count; i += LANES) {
        set(out, i, (FloatVector) ints(in + i, VectorOperators.B2I).convert(INT_TO_FLOAT, 0));
      }
    } else {
      for (int i = 0; i < count; i += LANES) {
        set(
            out,
            i,
            (FloatVector) ints(in + i, VectorOperators.ZERO_EXTEND_B2I).convert(INT_TO_FLOAT, 0));
      }
    }
  }

  private static IntVector ints(long at, VectorOperators.Conversion<Byte, Integer> widening) {
    ByteVector bytes = ByteVector.fromMemorySegment(BYTES, Memory.ALL, at, ORDER);
    return (IntVector) bytes.convertShape(widening, INTS, 0);
  }

  @Override
  public void fromInts(long in, long out, int count) {
    for (int i = 0; i < count; i += LANES) {
      IntVector x =
          IntVector.fromMemorySegment(INTS, Memory.ALL, in + (long) i * Integer.BYTES, ORDER);
      set(out, i, (FloatVector) x.convert(INT_TO_FLOAT, 0));
    }
  }

  @Override
  public void toBytes(long in, long out, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = at(in, i);
      if (BYTES != null && x.abs().compare(VectorOperators.LT, LARGEST_INT).allTrue()) {
        IntVector whole = (IntVector) x.convert(VectorOperators.F2I, 0);
        ByteVector bytes = (ByteVector) whole.convertShape(VectorOperators.I2B, BYTES, 0);
        bytes.intoMemorySegment(Memory.ALL, out + i, ORDER);
      } else {
        SCALAR.toBytes(in + (long) i * Float.BYTES, out + i, LANES);
      }
    }
  }

  @Override
  public void positiveBits(long address, long count, long bits) {
    long i = 0;
    for (; i + Long.SIZE <= count; i += Long.SIZE) {
      long all = 0;
      for (int k = 0; k < Long.SIZE; k += LANES) {
        long at = address + (i + k) * Float.BYTES;
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, Memory.ALL, at, ORDER);
        all |= x.compare(VectorOperators.LE, 0).not().toLong() << k;
      }
      Memory.ALL.set(LITTLE_ENDIAN, bits + i / Byte.SIZE, all);
    }
    ScalarFloatMath.positiveBits(address, i, count, bits);
  }

  @Override
  public boolean anyNaN(long address, long count) {
    VectorMask<Float> nan = SPECIES.maskAll(false);
    long i = 0;
    for (; i + LANES <= count; i += LANES) {
      FloatVector x =
          FloatVector.fromMemorySegment(SPECIES, Memory.ALL, address + i * Float.BYTES, ORDER);
      nan = nan.or(x.compare(VectorOperators.NE, x));
    }
    return nan.anyTrue() || ScalarFloatMath.anyNaN(address, i, count);
  }
}
