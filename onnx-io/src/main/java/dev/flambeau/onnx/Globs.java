package dev.flambeau.onnx;

import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Patterns for names: {@code *} for any characters, dots too, {@code ?} for one. */
final class Globs {
  private static final int SHOWN = 8;

  private Globs() {}

  static boolean matches(String pattern, String name) {
    return compile(pattern).matcher(name).matches();
  }

  private static Pattern compile(String pattern) {
    String regex =
        pattern
            .chars()
            .mapToObj(c -> c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(Character.toString(c)))
            .collect(Collectors.joining());
    return Pattern.compile(regex, Pattern.DOTALL);
  }

  /**
   * The names that some pattern matches, in their order.
   *
   * @throws TorchException if a pattern matches none
   */
  static List<String> find(String method, Collection<String> names, String... patterns) {
    List<String> found = new ArrayList<>();
    List<Pattern> unused = new ArrayList<>();
    List<Pattern> all = new ArrayList<>();
    for (String pattern : patterns) {
      all.add(compile(pattern));
    }
    unused.addAll(all);
    for (String name : names) {
      boolean hit = false;
      for (Pattern p : all) {
        if (p.matcher(name).matches()) {
          hit = true;
          unused.remove(p);
        }
      }
      if (hit) {
        found.add(name);
      }
    }
    if (!unused.isEmpty()) {
      String pattern = patterns[all.indexOf(unused.getFirst())];
      throw TorchException.argument(
          method, "pattern", "'" + pattern + "'", "one that matches some of " + some(names));
    }
    return found;
  }

  /** A list for messages, cut off where it gets long. */
  static String some(Collection<String> names) {
    String first = names.stream().limit(SHOWN).collect(Collectors.joining(", "));
    int more = names.size() - SHOWN;
    return more > 0 ? first + " and " + more + " more" : first;
  }
}
