package dev.flambeau.zoo;

import java.util.List;
import java.util.Locale;

/** Predictions as lines with a bar each, for a terminal or a file. */
final class Bars {
  private static final int WIDTH = 40;
  private static final int LONGEST_LABEL = 40;
  private static final String EIGHTHS = "\u258f\u258e\u258d\u258c\u258b\u258a\u2589";
  private static final String BOLD = "\u001b[1m";
  private static final String COLOUR = "\u001b[36m";
  private static final String PLAIN = "\u001b[0m";

  private final boolean blocks;
  private final boolean colours;

  /**
   * @param blocks draw with Unicode blocks, an eighth of a letter fine; else with {@code #}
   */
  Bars(boolean blocks, boolean colours) {
    this.blocks = blocks;
    this.colours = colours;
  }

  /** What standard output can show. Colours only in a terminal, and not where NO_COLOR is set. */
  static Bars console() {
    boolean terminal = System.console() != null && System.console().isTerminal();
    String refused = System.getenv("NO_COLOR");
    return new Bars(
        System.out.charset().newEncoder().canEncode('\u2588'),
        terminal && (refused == null || refused.isEmpty()));
  }

  /** The file's name, then a line a prediction: label, probability, bar. */
  String text(String file, List<Prediction> predictions) {
    int width = 1;
    for (Prediction p : predictions) {
      width = Math.max(width, shown(p.label()).length());
    }
    StringBuilder out = new StringBuilder(paint(BOLD, file)).append(System.lineSeparator());
    for (Prediction p : predictions) {
      String line = "  %-" + width + "s  %.3f  ";
      out.append(String.format(Locale.ROOT, line, shown(p.label()), p.probability()));
      out.append(paint(COLOUR, bar(p.probability()))).append(System.lineSeparator());
    }
    return out.toString();
  }

  private static String shown(String label) {
    return label.length() <= LONGEST_LABEL
        ? label
        : label.substring(0, LONGEST_LABEL - 3).stripTrailing() + "...";
  }

  private String bar(double probability) {
    double length = Math.clamp(probability, 0, 1) * WIDTH;
    if (!blocks) {
      return "#".repeat((int) Math.round(length));
    }
    int eighths = (int) Math.round(length * 8);
    String full = "\u2588".repeat(eighths / 8);
    return eighths % 8 == 0 ? full : full + EIGHTHS.charAt(eighths % 8 - 1);
  }

  private String paint(String style, String text) {
    return colours && !text.isEmpty() ? style + text + PLAIN : text;
  }
}
