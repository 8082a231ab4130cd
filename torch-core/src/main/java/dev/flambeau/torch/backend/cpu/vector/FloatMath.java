package dev.flambeau.torch.backend.cpu.vector;

import org.slf4j.LoggerFactory;

/**
 * Functions of float arrays that the JVM does not turn into vector instructions by itself, being
 * transcendental or full of comparisons: with the Vector API where it is there.
 */
public interface FloatMath {
  FloatMath INSTANCE = choose();

  private static FloatMath choose() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      return new VectorFloatMath();
    }
    LoggerFactory.getLogger(FloatMath.class)
        .info("scalar kernels are used; for faster ones add --add-modules jdk.incubator.vector");
    return new ScalarFloatMath();
  }

  void exp(float[] in, float[] out, int count);

  void log(float[] in, float[] out, int count);

  void tanh(float[] in, float[] out, int count);

  void sigmoid(float[] in, float[] out, int count);

  void erf(float[] in, float[] out, int count);

  /** The smaller of each pair; NaN if either is. */
  void min(float[] a, float[] b, float[] out, int count);

  /** The larger of each pair; NaN if either is. */
  void max(float[] a, float[] b, float[] out, int count);

  /** 1 where a < b, else 0. */
  void lt(float[] a, float[] b, float[] out, int count);

  /** 1 where a <= b, else 0. */
  void le(float[] a, float[] b, float[] out, int count);

  /** 1 where a = b, else 0. */
  void eq(float[] a, float[] b, float[] out, int count);

  /** 1 where neither is 0, else 0. */
  void and(float[] a, float[] b, float[] out, int count);

  /** {@code yes} where the condition is not 0, else {@code no}. */
  void where(float[] condition, float[] yes, float[] no, float[] out, int count);

  /**
   * A bit for each of {@code count} floats at {@code address}, lowest bit first: 0 where it is 0 or
   * less. The last byte is filled up with 0.
   */
  void positiveBits(long address, long count, long bits);

  /** Whether any of {@code count} floats at {@code address} is NaN. */
  boolean anyNaN(long address, long count);
}
