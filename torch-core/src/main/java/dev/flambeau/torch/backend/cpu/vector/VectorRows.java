package dev.flambeau.torch.backend.cpu.vector;

import dev.flambeau.torch.backend.Memory;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Steps of softmax and its gradient on rows of floats at native addresses; nothing behind {@code
 * count} is read or written. Sums add lanes in a fixed order, so that they are the same however the
 * code is run; those calls take an array of {@link #LANES} to work in.
 */
public final class VectorRows {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  public static final int LANES = SPECIES.length();

  /** As many bytes as floats; null with vectors of 128 bits, for which there is no such shape. */
  private static final VectorSpecies<Byte> BYTES =
      LANES < 8 ? null : VectorSpecies.of(byte.class, VectorShape.forBitSize(LANES * Byte.SIZE));

  private static final float ROUNDING = 3 << 22;

  private VectorRows() {}

  private static FloatVector at(long row, int i) {
    return FloatVector.fromMemorySegment(SPECIES, Memory.ALL, row + (long) i * Float.BYTES, ORDER);
  }

  private static void set(long row, int i, FloatVector value) {
    value.intoMemorySegment(Memory.ALL, row + (long) i * Float.BYTES, ORDER);
  }

  private static float one(long row, int i) {
    return Memory.ALL.get(Memory.FLOAT, row + (long) i * Float.BYTES);
  }

  private static void one(long row, int i, float value) {
    Memory.ALL.set(Memory.FLOAT, row + (long) i * Float.BYTES, value);
  }

  private static float total(FloatVector sums, float[] lanes) {
    sums.intoArray(lanes, 0);
    for (int half = LANES / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        lanes[i] += lanes[i + half];
      }
    }
    return lanes[0];
  }

  /** NaN if any is. */
  public static float max(long row, int count) {
    FloatVector most = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      most = most.max(at(row, i));
    }
    float max = most.reduceLanes(VectorOperators.MAX);
    for (; i < count; i++) {
      max = Math.max(max, one(row, i));
    }
    return max;
  }

  public static float sum(long row, int count, float[] lanes) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      sums = sums.add(at(row, i));
    }
    float sum = total(sums, lanes);
    for (; i < count; i++) {
      sum += one(row, i);
    }
    return sum;
  }

  public static float dot(long a, long b, int count, float[] lanes) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      sums = at(a, i).fma(at(b, i), sums);
    }
    float sum = total(sums, lanes);
    for (; i < count; i++) {
      sum += one(a, i) * one(b, i);
    }
    return sum;
  }

  /** Adds a row to another. */
  public static void add(long row, long sums, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      set(sums, i, at(sums, i).add(at(row, i)));
    }
    for (; i < count; i++) {
      one(sums, i, one(sums, i) + one(row, i));
    }
  }

  /** factor x + shift. */
  public static void affine(long in, float factor, float shift, long out, int count) {
    FloatVector f = FloatVector.broadcast(SPECIES, factor);
    FloatVector s = FloatVector.broadcast(SPECIES, shift);
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      set(out, i, at(in, i).fma(f, s));
    }
    for (; i < count; i++) {
      one(out, i, Math.fma(one(in, i), factor, shift));
    }
  }

  /**
   * round(x / scale) + zero, halves to even, brought into {@code low} to {@code high}, as bytes;
   * NaN becomes the zero point. The quotient is x times 1 / scale, put right by what that leaves of
   * x (Markstein 1990), which takes a fifth of a division's time. Adding 1.5 2^23 leaves the
   * rounded number in the lowest bits.
   */
  public static void quantize(
      long in, float scale, int zero, int low, int high, long out, int count) {
    float least = low - zero;
    float most = high - zero;
    float factor = 1 / scale;
    boolean plain = scale > 0x1p-100f && scale < 0x1p100f;
    int i = 0;
    for (; BYTES != null && plain && i <= count - LANES; i += LANES) {
      FloatVector x = at(in, i);
      FloatVector near = x.mul(factor);
      FloatVector rest = near.fma(FloatVector.broadcast(SPECIES, -scale), x);
      FloatVector steps = rest.fma(FloatVector.broadcast(SPECIES, factor), near);
      steps = steps.blend(least, near.compare(VectorOperators.LT, least));
      steps = steps.blend(most, near.compare(VectorOperators.GT, most));
      IntVector whole = steps.add(ROUNDING).reinterpretAsInts().add(zero);
      ByteVector bytes = (ByteVector) whole.convertShape(VectorOperators.I2B, BYTES, 0);
      bytes.intoMemorySegment(Memory.ALL, out + i, ORDER);
    }
    for (; i < count; i++) {
      float x = one(in, i) / scale;
      float steps = x < least ? least : x > most ? most : x;
      int whole = Float.floatToRawIntBits(steps + ROUNDING) + zero;
      Memory.ALL.set(Memory.BYTE, out + i, (byte) whole);
    }
  }

  /** The least and the largest; what is NaN does not count. */
  public static void extremes(long row, int count, float[] extremes) {
    FloatVector least = FloatVector.broadcast(SPECIES, Float.POSITIVE_INFINITY);
    FloatVector most = least.neg();
    FloatVector otherLeast = least;
    FloatVector otherMost = most;
    int i = 0;
    for (; i <= count - 2 * LANES; i += 2 * LANES) {
      FloatVector x = at(row, i);
      FloatVector y = at(row, i + LANES);
      least = least.blend(x, x.compare(VectorOperators.LT, least));
      most = most.blend(x, x.compare(VectorOperators.GT, most));
      otherLeast = otherLeast.blend(y, y.compare(VectorOperators.LT, otherLeast));
      otherMost = otherMost.blend(y, y.compare(VectorOperators.GT, otherMost));
    }
    float low = least.min(otherLeast).reduceLanes(VectorOperators.MIN);
    float high = most.max(otherMost).reduceLanes(VectorOperators.MAX);
    for (; i < count; i++) {
      float x = one(row, i);
      low = x < low ? x : low;
      high = x > high ? x : high;
    }
    extremes[0] = low;
    extremes[1] = high;
  }

  /** y (g - dot) into g. */
  public static void softmaxGradient(long y, long g, float dot, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      set(g, i, at(g, i).sub(dot).mul(at(y, i)));
    }
    for (; i < count; i++) {
      one(g, i, (one(g, i) - dot) * one(y, i));
    }
  }

  /**
   * First pass of a layer norm's gradient over a row, with n = (x - mean) rstd: adds g n to {@code
   * byWeight} and g to {@code byBias}, and gives the sums of g weight and of g weight n.
   */
  public static void normSums(
      long g,
      long x,
      long weight,
      float mean,
      float rstd,
      long byWeight,
      long byBias,
      int count,
      float[] lanes,
      float[] sums) {
    FloatVector first = FloatVector.zero(SPECIES);
    FloatVector second = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      FloatVector gradient = at(g, i);
      FloatVector normal = at(x, i).sub(mean).mul(rstd);
      set(byWeight, i, gradient.fma(normal, at(byWeight, i)));
      set(byBias, i, gradient.add(at(byBias, i)));
      FloatVector weighted = gradient.mul(at(weight, i));
      first = first.add(weighted);
      second = weighted.fma(normal, second);
    }
    sums[0] = total(first, lanes);
    sums[1] = total(second, lanes);
    for (; i < count; i++) {
      float normal = (one(x, i) - mean) * rstd;
      one(byWeight, i, Math.fma(one(g, i), normal, one(byWeight, i)));
      one(byBias, i, one(g, i) + one(byBias, i));
      float weighted = one(g, i) * one(weight, i);
      sums[0] += weighted;
      sums[1] += weighted * normal;
    }
  }

  /** Second pass: rstd (g weight - first - n second). */
  public static void normGradient(
      long g,
      long x,
      long weight,
      float mean,
      float rstd,
      float first,
      float second,
      long out,
      int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      FloatVector normal = at(x, i).sub(mean).mul(rstd);
      FloatVector weighted = at(g, i).mul(at(weight, i));
      set(out, i, weighted.sub(first).sub(normal.mul(second)).mul(rstd));
    }
    for (; i < count; i++) {
      float normal = (one(x, i) - mean) * rstd;
      one(out, i, (one(g, i) * one(weight, i) - first - normal * second) * rstd);
    }
  }
}
