package dev.flambeau.torch.nn;

import dev.flambeau.torch.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A summary as text. */
final class SummaryTable {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

  private SummaryTable() {}

  static String of(Summary summary) {
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"Layer (type)", "Output shape", "Parameters"});
    summary.layers().forEach(layer -> rows.add(row(layer)));
    int[] widths = new int[3];
    for (String[] row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    String line = "=".repeat(widths[0] + widths[1] + widths[2] + 4) + "\n";
    StringBuilder out = new StringBuilder(line);
    for (int i = 0; i < rows.size(); i++) {
      String[] row = rows.get(i);
      String format = "%-" + widths[0] + "s  %-" + widths[1] + "s  %" + widths[2] + "s%n";
      out.append(String.format(Locale.ROOT, format, (Object[]) row).replace("\r", ""));
      out.append(i == 0 ? line : "");
    }
    return out.append(line).append(sums(summary)).toString();
  }

  private static String[] row(Summary.Layer layer) {
    String name = layer.path().substring(layer.path().lastIndexOf('.') + 1);
    String indent = "  ".repeat(layer.depth());
    String type = name.isEmpty() ? layer.type() : name + " (" + layer.type() + ")";
    String shapes = layer.outputs().stream().map(Shape::toString).collect(Collectors.joining(", "));
    return new String[] {
      indent + type + (layer.calls() > 1 ? " x" + layer.calls() : ""),
      shapes.isEmpty() ? "-" : shapes,
      layer.parameters() == 0 ? "-" : number(layer.parameters())
    };
  }

  private static String sums(Summary s) {
    long all = s.inputBytes() + s.outputBytes() + s.stateBytes();
    return """
    Parameters: %s, of which trainable: %s
    Memory: input %s, outputs of layers %s, parameters and buffers %s, together %s\
    """
        .formatted(
            number(s.parameters()),
            number(s.trainable()),
            size(s.inputBytes()),
            size(s.outputBytes()),
            size(s.stateBytes()),
            size(all));
  }

  private static String number(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  static String size(long bytes) {
    int unit = 0;
    double value = bytes;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.2f %s", value, UNITS[unit]);
  }
}
