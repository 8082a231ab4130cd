package dev.flambeau.onnx;

import dev.flambeau.onnx.SizeAtom.Function;

/** The larger or smaller of two sizes, decided by their bounds where these tell. */
final class SizeChoice {
  private SizeChoice() {}

  static Size max(Size a, Size b) {
    Size gap = a.minus(b);
    if (gap.least() >= 0 || isOneOf(b, Function.MIN, a) || isOneOf(a, Function.MAX, b)) {
      return a;
    }
    boolean second = gap.most() <= 0 || isOneOf(a, Function.MIN, b) || isOneOf(b, Function.MAX, a);
    return second ? b : pair(Function.MAX, "max", a, b);
  }

  static Size min(Size a, Size b) {
    Size gap = a.minus(b);
    if (gap.most() <= 0 || isOneOf(b, Function.MAX, a) || isOneOf(a, Function.MIN, b)) {
      return a;
    }
    boolean second = gap.least() >= 0 || isOneOf(a, Function.MAX, b) || isOneOf(b, Function.MIN, a);
    return second ? b : pair(Function.MIN, "min", a, b);
  }

  static Size broadcast(Size a, Size b) {
    if (a.same(b) || b.is(1)) {
      return a;
    }
    if (a.is(1)) {
      return b;
    }
    // A number that is not 1 is what the other must be, or it is 1.
    if (a.isNumber() || b.isNumber()) {
      return a.isNumber() ? a : b;
    }
    boolean positive = a.least() >= 1 && b.least() >= 1;
    return positive ? max(a, b) : pair(Function.BROADCAST, "broadcast", a, b);
  }

  /** Whether a size is the maximum or minimum of another with something. */
  private static boolean isOneOf(Size all, Function function, Size size) {
    return all.divisor == 1
        && all.terms.size() == 1
        && all.terms.getFirst().factor() == 1
        && all.terms.getFirst().atoms().size() == 1
        && all.terms.getFirst().atoms().getFirst()
            instanceof SizeAtom.Applied(Function f, Size a, Size b, _)
        && f == function
        && (a.same(size) || b.same(size));
  }

  private static Size pair(Function function, String name, Size a, Size b) {
    if (!a.isKnown() || !b.isKnown()) {
      return Size.UNKNOWN;
    }
    boolean ordered = a.toString().compareTo(b.toString()) <= 0 && !a.isNumber() || b.isNumber();
    Size first = ordered ? a : b;
    Size second = ordered ? b : a;
    return Size.applied(function, first, second, name + "(" + first + ", " + second + ")");
  }
}
