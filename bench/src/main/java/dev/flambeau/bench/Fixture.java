package dev.flambeau.bench;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Weights and inputs, the same for every library: a function of the state_dict name and the shape
 * alone, so each worker process makes them for itself.
 */
final class Fixture {
  private Fixture() {}

  /**
   * Initial values of a parameter or buffer in row-major (N, C, H, W) order. What has two
   * dimensions or more is normal with deviation sqrt(2 / fan-in) (He et al. 2015), which keeps
   * activations in the range of a trained net: no denormals, no infinities; norms start as the
   * identity.
   */
  static float[] weights(String name, long... shape) {
    var values = new float[Math.toIntExact(count(shape))];
    if (shape.length >= 2) {
      double deviation = Math.sqrt(2.0 * shape[0] / values.length);
      fill(values, name, deviation);
    } else if (name.endsWith("weight") || name.endsWith("running_var")) {
      Arrays.fill(values, 1);
    }
    return values;
  }

  /** Token indices, all equally likely. */
  static long[] tokens(long... shape) {
    return new SplittableRandom(2).longs(count(shape), 0, Input.VOCABULARY).toArray();
  }

  /** One class index an example. */
  static long[] targets(Task task) {
    var targets = new long[task.batch];
    for (int i = 0; i < task.batch; i++) {
      targets[i] = 61L * i % task.input.classes;
    }
    return targets;
  }

  /** Standard normal numbers. */
  static float[] normal(String name, long... shape) {
    var values = new float[Math.toIntExact(count(shape))];
    fill(values, name, 1);
    return values;
  }

  /** Places among as many elements, in random order and with repetitions. */
  static long[] places() {
    return new SplittableRandom(1).longs(Operation.MILLION, 0, Operation.MILLION).toArray();
  }

  private static void fill(float[] values, String name, double deviation) {
    var random = new SplittableRandom(name.hashCode());
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian(0, deviation);
    }
  }

  private static long count(long[] shape) {
    long count = 1;
    for (long size : shape) {
      count *= size;
    }
    return count;
  }
}
