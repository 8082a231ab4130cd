package dev.flambeau.onnx;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A regular expression of RE2's syntax, whose matching takes time in proportion to its size times
 * that of the text. The size is what remains to be bounded: {@code ((a{100}){100}){100}} is short.
 */
final class Regex {
  private static final long LARGEST = 100_000;
  private static final int DEEPEST = 200;

  private final Pattern pattern;
  private final long size;

  private Regex(Pattern pattern, long size) {
    this.pattern = pattern;
    this.size = size;
  }

  /** That of a node; made once. */
  static Regex of(Call c) {
    return c.node()
        .prepared(
            "regex",
            Regex.class,
            () -> {
              String text = c.node().s("pattern", "");
              long size = new Measure(text).size();
              if (size > LARGEST) {
                throw c.bad("pattern", "too large or too deep", LARGEST + " steps or fewer");
              }
              try {
                return new Regex(Pattern.compile(text), size);
              } catch (PatternSyntaxException e) {
                throw c.bad("pattern", e.getMessage(), "RE2's syntax");
              }
            });
  }

  long size() {
    return size;
  }

  boolean matches(String text) {
    return pattern.matches(text);
  }

  /** How large the program for an expression gets: a step a character, repeated as it says. */
  private static final class Measure {
    private final String text;
    private int at;
    private long total;
    private long last;

    Measure(String text) {
      this.text = text;
    }

    /** More than {@link #LARGEST} if too large or too deep. */
    long size() {
      Deque<Long> around = new ArrayDeque<>();
      while (at < text.length() && total <= LARGEST) {
        switch (text.charAt(at)) {
          case '(' -> {
            around.push(total);
            total = 2;
            last = 0;
            at++;
          }
          case ')' -> {
            long inner = total;
            total = around.isEmpty() ? total : around.pop();
            at++;
            add(inner);
          }
          case '[' -> characterClass();
          case '{' -> repeat();
          case '\\' -> escape();
          default -> {
            at++;
            add(1);
          }
        }
        if (around.size() > DEEPEST) {
          return Long.MAX_VALUE;
        }
      }
      return around.stream().mapToLong(Long::longValue).sum() + total;
    }

    private void add(long size) {
      last = size;
      total += size;
    }

    private void escape() {
      if (text.startsWith("\\Q", at)) {
        int end = text.indexOf("\\E", at);
        int stop = end < 0 ? text.length() : end;
        total += stop - at;
        last = 1;
        at = end < 0 ? stop : stop + 2;
      } else {
        at += 2;
        add(1);
      }
    }

    /** Up to the bracket that closes it: one that stands first is a member. */
    private void characterClass() {
      int start = at++;
      at += at < text.length() && text.charAt(at) == '^' ? 1 : 0;
      at += at < text.length() && text.charAt(at) == ']' ? 1 : 0;
      while (at < text.length() && text.charAt(at) != ']') {
        if (text.startsWith("[:", at) && text.indexOf(":]", at) >= 0) {
          at = text.indexOf(":]", at) + 2;
        } else {
          at += text.charAt(at) == '\\' ? 2 : 1;
        }
      }
      at++;
      add(1 + (at - start) / 8);
    }

    /** {n}, {n,} or {n,m} behind something; otherwise the brace itself. */
    private void repeat() {
      int end = text.indexOf('}', at);
      String inside = end < 0 ? "" : text.substring(at + 1, end);
      if (!inside.matches("\\d{1,4}(,\\d{0,4})?")) {
        at++;
        add(1);
        return;
      }
      long times = 1;
      for (String number : inside.split(",")) {
        times = Math.max(times, Long.parseLong(number) + 1);
      }
      total += last * times;
      last += last * times;
      at = end + 1;
    }
  }
}
