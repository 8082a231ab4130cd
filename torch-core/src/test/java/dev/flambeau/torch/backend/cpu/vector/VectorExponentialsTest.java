package dev.flambeau.torch.backend.cpu.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.backend.Memory;
import java.lang.foreign.Arena;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** On a JVM without the Vector API these are tests of the scalar twin. */
class VectorExponentialsTest {
  private static final FloatMath MATH = FloatMath.INSTANCE;
  private static final int COUNT = 4096;

  private interface Loop {
    void run(long in, long out, int count);
  }

  private static float[] run(Loop loop, float[] in) {
    try (Arena arena = Arena.ofConfined()) {
      long from = arena.allocate(4L * COUNT, 64).address();
      long to = arena.allocate(4L * COUNT, 64).address();
      for (int i = 0; i < COUNT; i++) {
        Memory.ALL.set(Memory.FLOAT, from + 4L * i, in[i % in.length]);
      }
      loop.run(from, to, COUNT);
      float[] out = new float[COUNT];
      for (int i = 0; i < COUNT; i++) {
        out[i] = Memory.ALL.get(Memory.FLOAT, to + 4L * i);
      }
      return out;
    }
  }

  private static float[] between(double low, double high) {
    Random random = new Random(1);
    float[] values = new float[COUNT];
    for (int i = 0; i < COUNT; i++) {
      values[i] = (float) (low + (high - low) * random.nextDouble());
    }
    return values;
  }

  private static void check(Loop loop, DoubleUnaryOperator exact, double ulps, float... in) {
    float[] out = run(loop, in);
    for (int i = 0; i < in.length; i++) {
      double expected = exact.applyAsDouble(in[i]);
      if (Double.isNaN(expected) || Math.abs((float) expected) == Float.POSITIVE_INFINITY) {
        assertEquals((float) expected, out[i], "of " + in[i]);
        continue;
      }
      double unit = Math.ulp((float) expected);
      double off = Math.abs(out[i] - expected) / unit;
      assertTrue(off <= ulps, "of " + in[i] + ": " + out[i] + " is " + off + " ulp off");
    }
  }

  @Test
  void exp() {
    check(MATH::exp, Math::exp, 2, between(-1, 1));
    check(MATH::exp, Math::exp, 2, between(-88, 88.8));
    check(MATH::exp, Math::exp, 2, between(-105, -85));
    check(
        MATH::exp,
        Math::exp,
        1,
        0,
        -0f,
        1e-30f,
        88.72283f,
        88.72284f,
        89,
        1e30f,
        -103.97f,
        -104,
        -1e30f,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN);
  }

  @Test
  void log() {
    check(MATH::log, Math::log, 2, between(0, 3));
    check(MATH::log, Math::log, 2, between(0.999, 1.001));
    check(MATH::log, Math::log, 2, between(0, Float.MAX_VALUE));
    check(MATH::log, Math::log, 2, between(0, 2 * Float.MIN_NORMAL));
    check(
        MATH::log,
        Math::log,
        1,
        1,
        0,
        -0f,
        -1,
        Float.MIN_VALUE,
        Float.MIN_NORMAL,
        Float.MAX_VALUE,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN);
  }

  @Test
  void tanhAndSigmoid() {
    check(MATH::tanh, Math::tanh, 5, between(-1, 1));
    check(MATH::tanh, Math::tanh, 5, between(-10, 10));
    DoubleUnaryOperator sigmoid = x -> 1 / (1 + Math.exp(-x));
    check(MATH::sigmoid, sigmoid, 2, between(-80, 20));
    assertEquals(Float.NaN, run(MATH::tanh, new float[] {Float.NaN})[0]);
    assertEquals(Float.NaN, run(MATH::sigmoid, new float[] {Float.NaN})[0]);
    check(MATH::tanh, Math::tanh, 1, 0, 1e-30f, -1e-30f, 50, -50, Float.POSITIVE_INFINITY);
    for (float y : run(MATH::tanh, between(4, 12))) {
      assertTrue(y <= 1, "tanh " + y);
    }
    assertEquals(0, Float.compare(-0f, run(MATH::tanh, new float[] {-0f})[0]));
    check(MATH::sigmoid, sigmoid, 1, 0, 50, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY);
  }

  /** What a training computes must not depend on how hot its code is. */
  @Test
  void compiledCodeGivesTheSameBits() {
    float[] in = between(-3, 3);
    Loop[] loops = {MATH::exp, MATH::tanh, MATH::sigmoid, MATH::log, MATH::erf};
    for (Loop loop : loops) {
      float[] cold = run(loop, in);
      float[] hot = cold;
      for (int i = 0; i < 3000; i++) {
        hot = run(loop, in);
      }
      assertArrayEquals(cold, hot);
    }
  }
}
