package dev.flambeau.onnx;

import java.util.Map;
import java.util.Set;

/** A factor of a size that is no number: a name, or a function of sizes. */
sealed interface SizeAtom {
  /** What is not a sum of products; {@link #FLOOR} is of one size. */
  enum Function {
    FLOOR,
    QUOTIENT,
    MAX,
    MIN,
    BROADCAST
  }

  String text();

  /** Its least and its largest value. */
  long[] range();

  void names(Set<String> into);

  /** Its value for sizes of its names. */
  long at(Map<String, Long> sizes);

  /** An open size of at least so much. */
  record Name(String text, long least) implements SizeAtom {
    @Override
    public long[] range() {
      return new long[] {least, Bounds.HIGH};
    }

    @Override
    public void names(Set<String> into) {
      into.add(text);
    }

    @Override
    public long at(Map<String, Long> sizes) {
      return sizes.get(text);
    }
  }

  /** A function of one or two sizes. */
  record Applied(Function function, Size a, Size b, String text) implements SizeAtom {
    @Override
    public long[] range() {
      return switch (function) {
        case FLOOR -> new long[] {a.least(), a.most()};
        case QUOTIENT ->
            new long[] {a.least() >= 0 && b.least() >= 0 ? 0 : Bounds.LOW, Bounds.HIGH};
        case MAX -> new long[] {Math.max(a.least(), b.least()), Math.max(a.most(), b.most())};
        case MIN -> new long[] {Math.min(a.least(), b.least()), Math.min(a.most(), b.most())};
        case BROADCAST -> new long[] {0, Math.max(a.most(), b.most())};
      };
    }

    @Override
    public void names(Set<String> into) {
      a.names(into);
      b.names(into);
    }

    @Override
    public long at(Map<String, Long> sizes) {
      long x = a.at(sizes);
      long y = b.at(sizes);
      return switch (function) {
        case FLOOR -> x;
        case QUOTIENT -> Math.floorDiv(x, y);
        case MAX -> Math.max(x, y);
        case MIN -> Math.min(x, y);
        case BROADCAST -> x == 1 ? y : x;
      };
    }
  }
}
