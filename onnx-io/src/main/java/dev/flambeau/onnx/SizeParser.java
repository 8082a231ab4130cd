package dev.flambeau.onnx;

import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads sizes as {@link Size} writes them, and as other programs do: {@code past + seq}, {@code
 * 2*h}, {@code floor(h/2 - 1/2)}, {@code max(a, b)}.
 */
final class SizeParser {
  private static final int LONGEST = 400;
  private static final int DEEPEST = 20;
  private static final Pattern TOKEN =
      Pattern.compile("\\s*(?:(\\d{1,18})|([\\p{L}_][\\w.:]*)|([-+*/(),]))");

  private final String text;
  private final Function<String, Optional<Size>> names;
  private int at;
  private int depth;

  /** What a quotient by a name divides by, until the floor around it is closed. */
  private Size divisor = Size.ONE;

  private SizeParser(String text, Function<String, Optional<Size>> names) {
    this.text = text;
    this.names = names;
  }

  /**
   * The expression a text stands for.
   *
   * @param names what a name stands for
   * @return unknown if it is no expression, or has other names
   */
  static Size parse(String text, Function<String, Optional<Size>> names) {
    if (text.length() > LONGEST) {
      return Size.UNKNOWN;
    }
    SizeParser parser = new SizeParser(text, names);
    Size size = parser.sum();
    boolean whole = text.substring(parser.at).isBlank() && parser.divisor.is(1);
    return whole && size.isInteger() ? size : Size.UNKNOWN;
  }

  /** The next token; empty at the end and at what is none. */
  private String peek() {
    Matcher m = TOKEN.matcher(text).region(at, text.length());
    return m.lookingAt() ? m.group().strip() : "";
  }

  private String next() {
    Matcher m = TOKEN.matcher(text).region(at, text.length());
    if (!m.lookingAt()) {
      return "";
    }
    at = m.end();
    return m.group().strip();
  }

  private boolean take(String token) {
    boolean there = peek().equals(token);
    if (there) {
      next();
    }
    return there;
  }

  private Size sum() {
    if (++depth > DEEPEST) {
      return Size.UNKNOWN;
    }
    Size sum = take("-") ? Size.ZERO.minus(product()) : product();
    while (peek().equals("+") || peek().equals("-")) {
      sum = next().equals("+") ? sum.plus(product()) : sum.minus(product());
    }
    depth--;
    return sum;
  }

  private Size product() {
    Size product = factor();
    while (peek().equals("*") || peek().equals("/")) {
      boolean times = next().equals("*");
      Size factor = factor();
      if (times) {
        product = product.times(factor);
      } else if (!Double.isNaN(factor.real())) {
        product = product.fraction(factor);
      } else {
        divisor = divisor.times(factor);
      }
    }
    return product;
  }

  private Size factor() {
    String token = next();
    if (token.isEmpty()) {
      return Size.UNKNOWN;
    }
    if (Character.isDigit(token.charAt(0))) {
      return Size.of(Long.parseLong(token));
    }
    if (token.equals("(")) {
      return closed(sum());
    }
    if (!take("(")) {
      return names.apply(token).orElse(Size.UNKNOWN);
    }
    Size outer = divisor;
    divisor = Size.ONE;
    Size a = sum();
    Size by = divisor;
    divisor = outer;
    return switch (token) {
      case "floor" -> closed(by.is(1) ? a.floor() : a.over(by));
      case "ceil", "ceiling" -> closed(by.is(1) ? a.ceil() : Size.UNKNOWN);
      case "max", "Max", "min", "Min", "broadcast" -> {
        Size b = take(",") && by.is(1) ? sum() : Size.UNKNOWN;
        yield closed(
            switch (token) {
              case "broadcast" -> a.broadcast(b);
              case "max", "Max" -> a.max(b);
              default -> a.min(b);
            });
      }
      default -> Size.UNKNOWN;
    };
  }

  private Size closed(Size size) {
    return take(")") ? size : Size.UNKNOWN;
  }
}
