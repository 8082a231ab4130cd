package dev.flambeau.torch.optim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.DoublePredicate;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Which values an option takes, and how to say so.
 *
 * @param convert to the option's type: where 0.0 is meant, Python's 0 is right, too; {@link
 *     #REFUSED} for what is not allowed
 */
record Range(String allowed, Function<Object, Object> convert) {
  static final Object REFUSED = new Object();

  static final Range ANY = real("a number", _ -> true);
  static final Range NOT_NEGATIVE = real("0 or more", v -> v >= 0);
  static final Range POSITIVE = real("above 0", v -> v > 0);
  static final Range FRACTION = real("0 or more and below 1", v -> v >= 0 && v < 1);
  static final Range BETAS =
      reals(
          2,
          "two numbers, 0 or more and below 1",
          l -> l.stream().allMatch(b -> b != null && b >= 0 && b < 1));
  static final Range FLAG = new Range("true or false", Range::truth);

  static Range real(String allowed, DoublePredicate test) {
    return new Range(
        allowed,
        v -> v instanceof Number n && test.test(n.doubleValue()) ? n.doubleValue() : REFUSED);
  }

  static Range integer(String allowed, DoublePredicate test) {
    return new Range(
        allowed,
        v ->
            v instanceof Number n && n.doubleValue() == n.longValue() && test.test(n.doubleValue())
                ? n.longValue()
                : REFUSED);
  }

  /** {@code count} numbers; {@code test} also gets null for None. */
  static Range reals(int count, String allowed, Predicate<List<Double>> test) {
    return new Range(
        allowed,
        v -> {
          List<Double> list = v instanceof List<?> l ? doubles(l) : List.of();
          return list.size() == count && test.test(list) ? list : REFUSED;
        });
  }

  /** One of these texts, or null for None. */
  static Range choice(String... names) {
    List<String> known = List.of(names);
    return new Range("null or one of " + known, v -> v == null || known.contains(v) ? v : REFUSED);
  }

  static List<Double> pair(Double a, Double b) {
    return Collections.unmodifiableList(Arrays.asList(a, b));
  }

  private static List<Double> doubles(List<?> list) {
    List<Double> out = new ArrayList<>();
    for (Object o : list) {
      if (o != null && !(o instanceof Number)) {
        return List.of();
      }
      out.add(o == null ? null : ((Number) o).doubleValue());
    }
    return Collections.unmodifiableList(out);
  }

  /** Python's True and False are 1 and 0. */
  private static Object truth(Object value) {
    return switch (value) {
      case Boolean b -> b;
      case Number n when n.doubleValue() == 0 -> false;
      case Number n when n.doubleValue() == 1 -> true;
      case null, default -> REFUSED;
    };
  }
}
