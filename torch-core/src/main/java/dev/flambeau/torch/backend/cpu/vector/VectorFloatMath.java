package dev.flambeau.torch.backend.cpu.vector;

import dev.flambeau.torch.backend.Memory;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Whole vectors at a time. The error function: for |x| below 1 x times a polynomial in x^2, above
 * it 1 - exp(-x^2) times a polynomial in 1 / (1 + x/2); both fitted to the exact function at
 * Chebyshev nodes, relative error below 2e-7.
 *
 * <p>Each loop names its operator itself: one that gets it as a parameter is compiled to vector
 * instructions only where it happens to be inlined, and is ten times slower elsewhere.
 */
final class VectorFloatMath implements FloatMath {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final ValueLayout.OfLong LITTLE_ENDIAN =
      Memory.LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** erf(x) / x in powers of x^2, on [0, 1]. */
  private static final float[] SMALL = {
    1.128379167062361f,
    -0.3761263847599066f,
    0.11283782622053236f,
    -0.02686543831002f,
    0.005221053411187171f,
    -0.000848439653129711f,
    0.00011268253755413467f,
    -9.673590415627437e-06f
  };

  /** erfc(x) exp(x^2) in powers of 1 / (1 + x/2), on [1, 4.2]. */
  private static final float[] LARGE = {
    -0.00015306479763843583f,
    0.2848982124049823f,
    0.25976581188714565f,
    0.34756502580345067f,
    -0.10317263113792026f,
    0.5627731081187876f,
    -0.47088178303561185f,
    0.11925904632554808f
  };

  private static final float SATURATED = 4.2f;

  @Override
  public void exp(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> m = SPECIES.indexInRange(i, count);
      FloatVector.fromArray(SPECIES, in, i, m).lanewise(VectorOperators.EXP).intoArray(out, i, m);
    }
  }

  @Override
  public void log(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> m = SPECIES.indexInRange(i, count);
      FloatVector.fromArray(SPECIES, in, i, m).lanewise(VectorOperators.LOG).intoArray(out, i, m);
    }
  }

  @Override
  public void tanh(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> m = SPECIES.indexInRange(i, count);
      FloatVector.fromArray(SPECIES, in, i, m).lanewise(VectorOperators.TANH).intoArray(out, i, m);
    }
  }

  @Override
  public void sigmoid(float[] in, float[] out, int count) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1);
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> m = SPECIES.indexInRange(i, count);
      FloatVector e = FloatVector.fromArray(SPECIES, in, i, m).neg().lanewise(VectorOperators.EXP);
      one.div(e.add(1)).intoArray(out, i, m);
    }
  }

  @Override
  public void erf(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> m = SPECIES.indexInRange(i, count);
      erf(FloatVector.fromArray(SPECIES, in, i, m)).intoArray(out, i, m);
    }
  }

  private static FloatVector erf(FloatVector x) {
    FloatVector a = x.abs().min(SATURATED);
    FloatVector square = a.mul(a);
    FloatVector small = x.mul(polynomial(SMALL, square));
    FloatVector u = FloatVector.broadcast(SPECIES, 1).div(a.mul(0.5f).add(1));
    FloatVector tail = square.neg().lanewise(VectorOperators.EXP).mul(polynomial(LARGE, u));
    FloatVector one = FloatVector.broadcast(SPECIES, 1);
    FloatVector large = one.sub(tail);
    large = large.blend(large.neg(), x.compare(VectorOperators.LT, 0));
    FloatVector y = large.blend(small, a.compare(VectorOperators.LT, 1));
    return y.blend(x, x.compare(VectorOperators.NE, x));
  }

  private static FloatVector polynomial(float[] coefficients, FloatVector t) {
    FloatVector sum = FloatVector.broadcast(SPECIES, coefficients[coefficients.length - 1]);
    for (int i = coefficients.length - 2; i >= 0; i--) {
      sum = sum.mul(t).add(coefficients[i]);
    }
    return sum;
  }

  @Override
  public void min(float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> m = SPECIES.indexInRange(i, count);
      FloatVector x = FloatVector.fromArray(SPECIES, a, i, m);
      FloatVector y = FloatVector.fromArray(SPECIES, b, i, m);
      VectorMask<Float> first =
          x.compare(VectorOperators.LT, y).or(x.compare(VectorOperators.NE, x));
      y.blend(x, first).intoArray(out, i, m);
    }
  }

  @Override
  public void max(float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> m = SPECIES.indexInRange(i, count);
      FloatVector x = FloatVector.fromArray(SPECIES, a, i, m);
      FloatVector y = FloatVector.fromArray(SPECIES, b, i, m);
      VectorMask<Float> first =
          x.compare(VectorOperators.GT, y).or(x.compare(VectorOperators.NE, x));
      y.blend(x, first).intoArray(out, i, m);
    }
  }

  @Override
  public void lt(float[] a, float[] b, float[] out, int count) {
    FloatVector zero = FloatVector.zero(SPECIES);
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> m = SPECIES.indexInRange(i, count);
      FloatVector x = FloatVector.fromArray(SPECIES, a, i, m);
      FloatVector y = FloatVector.fromArray(SPECIES, b, i, m);
      zero.blend(1, x.compare(VectorOperators.LT, y)).intoArray(out, i, m);
    }
  }

  @Override
  public void le(float[] a, float[] b, float[] out, int count) {
    FloatVector zero = FloatVector.zero(SPECIES);
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> m = SPECIES.indexInRange(i, count);
      FloatVector x = FloatVector.fromArray(SPECIES, a, i, m);
      FloatVector y = FloatVector.fromArray(SPECIES, b, i, m);
      zero.blend(1, x.compare(VectorOperators.LE, y)).intoArray(out, i, m);
    }
  }

  @Override
  public void eq(float[] a, float[] b, float[] out, int count) {
    FloatVector zero = FloatVector.zero(SPECIES);
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> m = SPECIES.indexInRange(i, count);
      FloatVector x = FloatVector.fromArray(SPECIES, a, i, m);
      FloatVector y = FloatVector.fromArray(SPECIES, b, i, m);
      zero.blend(1, x.compare(VectorOperators.EQ, y)).intoArray(out, i, m);
    }
  }

  @Override
  public void and(float[] a, float[] b, float[] out, int count) {
    FloatVector zero = FloatVector.zero(SPECIES);
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> m = SPECIES.indexInRange(i, count);
      FloatVector x = FloatVector.fromArray(SPECIES, a, i, m);
      FloatVector y = FloatVector.fromArray(SPECIES, b, i, m);
      VectorMask<Float> both =
          x.compare(VectorOperators.NE, 0).and(y.compare(VectorOperators.NE, 0));
      zero.blend(1, both).intoArray(out, i, m);
    }
  }

  @Override
  public void where(float[] condition, float[] yes, float[] no, float[] out, int count) {
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> m = SPECIES.indexInRange(i, count);
      FloatVector c = FloatVector.fromArray(SPECIES, condition, i, m);
      FloatVector.fromArray(SPECIES, no, i, m)
          .blend(FloatVector.fromArray(SPECIES, yes, i, m), c.compare(VectorOperators.NE, 0))
          .intoArray(out, i, m);
    }
  }

  @Override
  public void positiveBits(long address, long count, long bits) {
    long i = 0;
    for (; i + Long.SIZE <= count; i += Long.SIZE) {
      long all = 0;
      for (int k = 0; k < Long.SIZE; k += LANES) {
        long at = address + (i + k) * Float.BYTES;
        FloatVector x =
            FloatVector.fromMemorySegment(SPECIES, Memory.ALL, at, ByteOrder.nativeOrder());
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
          FloatVector.fromMemorySegment(
              SPECIES, Memory.ALL, address + i * Float.BYTES, ByteOrder.nativeOrder());
      nan = nan.or(x.compare(VectorOperators.NE, x));
    }
    return nan.anyTrue() || ScalarFloatMath.anyNaN(address, i, count);
  }
}
