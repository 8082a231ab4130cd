package dev.flambeau.bench;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Weights and inputs, the same for every library: a function of the state_dict name and the shape
 * alone, so each worker process makes them for itself.
 */
final class Fixture {
  static final int CLASSES = 1000;
  static final int SIDE = 224;

  private Fixture() {}

  /**
   * Initial values of a parameter or buffer in row-major (N, C, H, W) order. Convolutions and
   * linear layers are normal with deviation sqrt(2 / fan-in) (He et al. 2015), which keeps
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

  /** Standard normal pictures, (batch, 3, 224, 224) in row-major order. */
  static float[] pictures(int batch) {
    var values = new float[batch * 3 * SIDE * SIDE];
    fill(values, "pictures", 1);
    return values;
  }

  /** One class index a picture. */
  static long[] targets(int batch) {
    var targets = new long[batch];
    for (int i = 0; i < batch; i++) {
      targets[i] = 61L * i % CLASSES;
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
