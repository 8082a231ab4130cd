package dev.flambeau.torch.backend.cpu.vector;

import org.slf4j.LoggerFactory;

/**
 * Functions of rows of floats at native addresses: with the Vector API where it is there. All but
 * the last four compute whole groups of {@link #GROUP}: rows have room for that, and what lies
 * behind {@code count} elements means nothing.
 */
public interface FloatMath {
  /** Floats of the widest vectors. */
  int GROUP = 16;

  FloatMath INSTANCE = choose();

  /** Whether the Vector API is there. */
  static boolean vectors() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  private static FloatMath choose() {
    if (vectors()) {
      return new VectorFloatMath();
    }
    LoggerFactory.getLogger(FloatMath.class)
        .info("scalar kernels are used; for faster ones add --add-modules jdk.incubator.vector");
    return new ScalarFloatMath();
  }

  void add(long a, long b, long out, int count);

  void sub(long a, long b, long out, int count);

  void mul(long a, long b, long out, int count);

  void div(long a, long b, long out, int count);

  void neg(long in, long out, int count);

  void abs(long in, long out, int count);

  void sqrt(long in, long out, int count);

  void exp(long in, long out, int count);

  void log(long in, long out, int count);

  void tanh(long in, long out, int count);

  void sigmoid(long in, long out, int count);

  void erf(long in, long out, int count);

  /** The normal distribution function, to an absolute error of 1e-7. */
  void phi(long in, long out, int count);

  /** The smaller of each pair; NaN if either is. */
  void min(long a, long b, long out, int count);

  /** The larger of each pair; NaN if either is. */
  void max(long a, long b, long out, int count);

  /** 1 where a < b, else 0. */
  void lt(long a, long b, long out, int count);

  /** 1 where a <= b, else 0. */
  void le(long a, long b, long out, int count);

  /** 1 where a = b, else 0. */
  void eq(long a, long b, long out, int count);

  /** 1 where neither is 0, else 0. */
  void and(long a, long b, long out, int count);

  /**
   * Adds {@code number} rows, {@code stride} bytes apart, to {@code sums}; any {@code count}, and
   * in the same order for all elements of a row, so that equal columns have equal sums.
   */
  void addRows(long sums, long rows, long stride, long number, int count);

  void fill(float value, long out, int count);

  /** {@code yes} where the condition is not 0, else {@code no}. */
  void where(long condition, long yes, long no, long out, int count);

  /** Floats from the upper halves of their bits. */
  void fromBFloat16(long in, long out, int count);

  /** Rounded to nearest even; NaN stays NaN. */
  void toBFloat16(long in, long out, int count);

  /**
   * A bit for each of {@code count} floats at {@code address}, lowest bit first: 0 where it is 0 or
   * less. The last byte is filled up with 0.
   */
  void positiveBits(long address, long count, long bits);

  /** To whole numbers, halves to even ones. */
  void round(long in, long out, int count);

  /** Floats from bytes, with or without sign. */
  void fromBytes(long in, boolean signed, long out, int count);

  /** Floats from I32. */
  void fromInts(long in, long out, int count);

  /** The lowest bytes of the floats' whole parts; of NaN 0. */
  void toBytes(long in, long out, int count);

  /** Whether any of {@code count} floats at {@code address} is NaN. */
  boolean anyNaN(long address, long count);
}
