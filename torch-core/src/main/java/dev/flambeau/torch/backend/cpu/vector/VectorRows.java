package dev.flambeau.torch.backend.cpu.vector;

import dev.flambeau.torch.backend.Memory;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
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
}
