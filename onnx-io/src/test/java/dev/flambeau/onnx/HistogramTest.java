package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HistogramTest {
  private static double[] normal(int count, double deviation) {
    Random random = new Random(3);
    return random.doubles(count).map(_ -> deviation * random.nextGaussian()).toArray();
  }

  /** Against the sorted numbers, in whatever order and pieces they come. */
  @Test
  void quantiles() {
    double[] all = normal(20_000, 1);
    Histogram histogram = new Histogram();
    for (int i = 0; i < all.length; i += 100) {
      double[] part = Arrays.copyOfRange(all, i, i + 100);
      // The first are small, so that the range grows.
      histogram.add(part);
    }
    Arrays.sort(all);
    double step = 2 * Math.max(-all[0], all[all.length - 1]) / 2048;
    double[] range = histogram.percentile(0.1);
    assertEquals(all[1000], range[0], step);
    assertEquals(all[19_000], range[1], step);
    double[] whole = histogram.percentile(0);
    assertEquals(all[0], whole[0], step);
    assertEquals(all[all.length - 1], whole[1], step);
    // Of positive numbers alone the range begins at 0.
    Histogram positive = new Histogram();
    positive.add(Arrays.stream(all).map(Math::abs).toArray());
    assertEquals(0, positive.percentile(0.1)[0]);
  }

  /** A few numbers far out are cut off, and a range that is filled evenly is not. */
  @Test
  void leastDivergence() {
    double[] all = normal(200_000, 1);
    all[0] = 400;
    all[1] = -300;
    Histogram outliers = new Histogram();
    outliers.add(all);
    double[] cut = outliers.entropy();
    assertTrue(cut[1] > 3 && cut[1] < 100, Arrays.toString(cut));
    assertEquals(-cut[1], cut[0]);
    Random random = new Random(5);
    Histogram even = new Histogram();
    even.add(random.doubles(200_000).map(u -> 2 * u - 1).toArray());
    assertTrue(even.entropy()[1] > 0.95, Arrays.toString(even.entropy()));
    // Too few numbers say nothing.
    Histogram few = new Histogram();
    few.add(new double[] {-1, 0.1, 0.1, 0.1, 5});
    assertEquals(5, few.entropy()[1]);
    assertEquals(-1, few.entropy()[0]);
  }
}
