package dev.flambeau.torch.logging;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Draws as SVG 1.1. */
final class SvgCanvas implements Canvas {
  private final StringBuilder out = new StringBuilder();

  SvgCanvas(int width, int height, String label) {
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
            + " role=\"img\" aria-label=\"%s\" font-family=\"sans-serif\">",
        width, height, width, height, escape(label));
  }

  private void add(String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  /** For text and attributes of HTML, XML and SVG; what XML forbids becomes a question mark. */
  static String escape(String text) {
    StringBuilder safe = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> safe.appendCodePoint(c < ' ' && c != '\n' && c != '\t' ? '?' : c);
              }
            });
    return safe.toString();
  }

  @Override
  public void rectangle(double x, double y, double width, double height, int color) {
    add(
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#%06x\"/>",
        x, y, width, height, color);
  }

  @Override
  public void line(List<Point> points, int color, double width) {
    String path =
        points.stream()
            .map(p -> String.format(Locale.ROOT, "%.1f,%.1f", p.x(), p.y()))
            .collect(Collectors.joining(" "));
    add(
        "<polyline points=\"%s\" fill=\"none\" stroke=\"#%06x\" stroke-width=\"%.1f\""
            + " stroke-linejoin=\"round\"/>",
        path, color, width);
  }

  @Override
  public void dot(Point center, double radius, int color) {
    add(
        "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"#%06x\"/>",
        center.x(), center.y(), radius, color);
  }

  @Override
  public void text(
      double x, double y, String text, double size, int color, Align align, boolean bold) {
    add(
        "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.0f\" fill=\"#%06x\""
            + " text-anchor=\"%s\"%s>%s</text>",
        x,
        y,
        size,
        color,
        align.name().toLowerCase(Locale.ROOT),
        bold ? " font-weight=\"bold\"" : "",
        escape(text));
  }

  @Override
  public void upright(double x, double y, String text, double size, int color) {
    add(
        "<text transform=\"translate(%.1f %.1f) rotate(-90)\" font-size=\"%.0f\" fill=\"#%06x\""
            + " text-anchor=\"middle\">%s</text>",
        x, y, size, color, escape(text));
  }

  @Override
  public String toString() {
    return out + "</svg>\n";
  }
}
