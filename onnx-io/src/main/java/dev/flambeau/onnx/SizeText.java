package dev.flambeau.onnx;

import java.util.List;

/** How sizes are written: {@code batch*2+1}; read again by {@link SizeParser}. */
final class SizeText {
  private SizeText() {}

  static String of(List<Size.Term> terms, long divisor) {
    StringBuilder out = new StringBuilder();
    for (Size.Term term : terms) {
      if (term.key().isEmpty()) {
        out.append(term.factor() > 0 && !out.isEmpty() ? "+" : "").append(term.factor());
      } else {
        out.append(term.factor() < 0 ? "-" : out.isEmpty() ? "" : "+").append(term.key());
        String factor = Long.toString(term.factor()).replace("-", "");
        out.append(factor.equals("1") ? "" : "*" + factor);
      }
    }
    if (out.isEmpty()) {
      return "0";
    }
    return divisor == 1 ? out.toString() : bracketed(out.toString()) + "/" + divisor;
  }

  /** A sum in brackets, as a factor. */
  static String bracketed(String text) {
    boolean sum = text.lastIndexOf('+') > 0 || text.lastIndexOf('-') > 0;
    return sum ? "(" + text + ")" : text;
  }
}
