package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;

/** What is done to strings one by one. */
final class StringOperators {
  private StringOperators() {}

  static void register(Registry r) {
    r.values("StringNormalizer", since(10), StringOperators::normalize);
    r.values("StringConcat", since(20), StringOperators::concat);
    r.values("StringSplit", since(20), StringOperators::split);
    r.plain("RegexFullMatch", since(20), c -> new Tensor[] {matches(c)});
    r.plain("TfIdfVectorizer", since(9), c -> new Tensor[] {Ngrams.of(c).count(c)});
  }

  /** Leaves out stop words and changes the case of the rest: [C] or [1, C]. */
  private static OnnxValue[] normalize(Call c) {
    OnnxValue.Texts x = c.texts(0);
    int rank = x.shape().rank();
    if (rank < 1 || rank > 2 || rank == 2 && x.shape().size(0) != 1) {
      throw c.bad("X", x.shape(), "[C] or [1, C]");
    }
    Locale locale = Locale.forLanguageTag(c.node().s("locale", "en_US").replace('_', '-'));
    UnaryOperator<String> change =
        switch (c.node().s("case_change_action", "NONE")) {
          case "LOWER" -> s -> s.toLowerCase(locale);
          case "UPPER" -> s -> s.toUpperCase(locale);
          case "NONE" -> s -> s;
          default ->
              throw c.bad(
                  "case_change_action", c.node().s("case_change_action", ""), "LOWER, UPPER, NONE");
        };
    UnaryOperator<String> compared =
        c.node().flag("is_case_sensitive", false) ? s -> s : s -> s.toLowerCase(locale);
    Set<String> stop = new HashSet<>();
    c.node().strings("stopwords").forEach(word -> stop.add(compared.apply(word)));
    c.takes(x.strings().size(), characters(x) * 2);
    List<String> kept = new ArrayList<>();
    for (String s : x.strings()) {
      if (!stop.contains(compared.apply(s))) {
        kept.add(change.apply(s));
      }
    }
    if (kept.isEmpty()) {
      kept.add("");
    }
    Shape shape = rank == 1 ? Shape.of(kept.size()) : Shape.of(1, kept.size());
    return new OnnxValue[] {new OnnxValue.Texts(kept, shape)};
  }

  private static long characters(OnnxValue.Texts texts) {
    return texts.strings().stream().mapToLong(String::length).sum();
  }

  /** Each pair joined, broadcast. */
  private static OnnxValue[] concat(Call c) {
    OnnxValue.Texts a = c.texts(0);
    OnnxValue.Texts b = c.texts(1);
    Shape shape = a.shape().broadcast(b.shape(), c.name());
    Limits.checked(c.name(), shape.sizes());
    long[] left = places(a, shape);
    long[] right = places(b, shape);
    long characters = 0;
    for (int i = 0; i < left.length; i++) {
      characters += a.strings().get((int) left[i]).length();
      characters += b.strings().get((int) right[i]).length();
    }
    c.takes(left.length, 2 * Limits.checked(c.name(), characters));
    String[] out = new String[left.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = a.strings().get((int) left[i]).concat(b.strings().get((int) right[i]));
    }
    return new OnnxValue[] {new OnnxValue.Texts(List.of(out), shape)};
  }

  private static long[] places(OnnxValue.Texts texts, Shape shape) {
    Tensor at = Torch.arange(texts.strings().size()).reshape(texts.shape().sizes());
    return at.expand(shape).contiguous().reshape(-1).toLongArray();
  }

  /** (...) -> (..., most parts), shorter ones filled with empty strings; counts (...). */
  private static OnnxValue[] split(Call c) {
    OnnxValue.Texts x = c.texts(0);
    String delimiter = c.node().s("delimiter", "");
    long most = c.node().i("maxsplit", -1);
    List<List<String>> rows = new ArrayList<>();
    long[] counts = new long[x.strings().size()];
    int width = 0;
    for (int i = 0; i < counts.length; i++) {
      String s = x.strings().get(i);
      List<String> parts = delimiter.isEmpty() ? words(s, most) : parts(s, delimiter, most);
      c.takes(parts.size(), 2L * s.length());
      rows.add(parts);
      counts[i] = parts.size();
      width = Math.max(width, parts.size());
    }
    c.takes(0, 8 * Limits.checked(c.name(), counts.length, width));
    String[] out = new String[counts.length * width];
    Arrays.fill(out, "");
    for (int i = 0; i < counts.length; i++) {
      for (int k = 0; k < counts[i]; k++) {
        out[i * width + k] = rows.get(i).get(k);
      }
    }
    long[] sizes = Arrays.copyOf(x.shape().sizes(), x.shape().rank() + 1);
    sizes[sizes.length - 1] = width;
    return new OnnxValue[] {
      new OnnxValue.Texts(List.of(out), Shape.of(sizes)),
      OnnxValue.of(Torch.tensor(counts, x.shape().sizes()))
    };
  }

  private static List<String> parts(String s, String delimiter, long most) {
    List<String> out = new ArrayList<>();
    int start = 0;
    for (int at = s.indexOf(delimiter); at >= 0; at = s.indexOf(delimiter, start)) {
      if (most >= 0 && out.size() >= most) {
        break;
      }
      out.add(s.substring(start, at));
      start = at + delimiter.length();
    }
    out.add(s.substring(start));
    return out;
  }

  /** As Python's split without separator; what is left after the last split keeps its end. */
  private static List<String> words(String s, long most) {
    List<String> out = new ArrayList<>();
    int at = 0;
    while (true) {
      while (at < s.length() && isSpace(s.charAt(at))) {
        at++;
      }
      if (at == s.length()) {
        return out;
      }
      if (most >= 0 && out.size() >= most) {
        out.add(s.substring(at));
        return out;
      }
      int start = at;
      while (at < s.length() && !isSpace(s.charAt(at))) {
        at++;
      }
      out.add(s.substring(start, at));
    }
  }

  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  private static Tensor matches(Call c) {
    OnnxValue.Texts x = c.texts(0);
    Regex regex = Regex.of(c);
    Limits.steps(c.name(), regex.size(), characters(x));
    byte[] out = new byte[x.strings().size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) (regex.matches(x.strings().get(i)) ? 1 : 0);
    }
    return Torch.tensor(out, x.shape().sizes()).to(DType.BOOL);
  }
}
