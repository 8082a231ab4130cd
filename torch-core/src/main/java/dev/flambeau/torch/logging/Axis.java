package dev.flambeau.torch.logging;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A range of numbers with round marks: 1, 2 or 5 times a power of ten apart.
 *
 * @param low where the axis begins
 * @param high where it ends, above {@code low}
 * @param step from mark to mark
 */
record Axis(double low, double high, double step) {
  /**
   * Around {@code min} to {@code max}, with about {@code marks} marks.
   *
   * @param whole only marks at integers
   */
  static Axis around(double min, double max, int marks, boolean whole) {
    double from = min;
    double to = max;
    if (!(to > from)) {
      double half = Math.max(Math.abs(from) * 0.1, whole ? 1 : 1e-6);
      from -= half;
      to += half;
    }
    double rough = (to - from) / marks;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double part = rough / power;
    double step = (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10) * power;
    step = whole ? Math.max(step, 1) : step;
    return new Axis(from, to, step);
  }

  /** The same, but from mark to mark. */
  Axis rounded() {
    return new Axis(Math.floor(low / step) * step, Math.ceil(high / step) * step, step);
  }

  /** The marks inside. */
  List<Double> marks() {
    List<Double> marks = new ArrayList<>();
    double slack = step * 1e-9;
    for (long i = (long) Math.ceil((low - slack) / step); i * step <= high + slack; i++) {
      marks.add(i * step);
    }
    return marks;
  }

  /** A mark with as many digits as it takes to tell it from its neighbors. */
  String text(double mark) {
    double largest = Math.max(Math.abs(low), Math.abs(high));
    if (largest >= 1e6 || largest < 1e-4) {
      return String.format(Locale.ROOT, "%.1e", mark);
    }
    int digits = Math.max(0, (int) -Math.floor(Math.log10(step) + 1e-9));
    return String.format(Locale.ROOT, "%." + digits + "f", mark);
  }

  /** Where a value lies, 0 at the begin to 1 at the end. */
  double place(double value) {
    return (value - low) / (high - low);
  }
}
