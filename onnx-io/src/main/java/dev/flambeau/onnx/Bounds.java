package dev.flambeau.onnx;

/** Arithmetic of bounds, where the ends of long stand for no bound. */
final class Bounds {
  static final long LOW = Long.MIN_VALUE;
  static final long HIGH = Long.MAX_VALUE;

  private Bounds() {}

  static long sum(long a, long b) {
    if (a == LOW || b == LOW || a == HIGH || b == HIGH) {
      return a == LOW || b == LOW ? LOW : HIGH;
    }
    long sum = a + b;
    boolean over = ((a ^ sum) & (b ^ sum)) < 0;
    return over ? a < 0 ? LOW : HIGH : sum;
  }

  static long[] product(long[] a, long[] b) {
    long low = HIGH;
    long high = LOW;
    for (long x : a) {
      for (long y : b) {
        long product = product(x, y);
        low = Math.min(low, product);
        high = Math.max(high, product);
      }
    }
    return new long[] {low, high};
  }

  private static long product(long a, long b) {
    if (a == 0 || b == 0) {
      return 0;
    }
    long high = Math.multiplyHigh(a, b);
    long low = a * b;
    boolean fits = high == low >> 63 && a != LOW && b != LOW && a != HIGH && b != HIGH;
    return fits ? low : (a < 0) == (b < 0) ? HIGH : LOW;
  }

  static long over(long bound, long divisor) {
    return bound == LOW || bound == HIGH ? bound : Math.floorDiv(bound, divisor);
  }
}
