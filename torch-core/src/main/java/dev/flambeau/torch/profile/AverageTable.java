package dev.flambeau.torch.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Sums of calls as text in columns. */
final class AverageTable {
  private static final int LONGEST_NAME = 55;

  private final boolean shapes;
  private final boolean memory;

  AverageTable(boolean shapes, boolean memory) {
    this.shapes = shapes;
    this.memory = memory;
  }

  String text(List<KeyAverages.Row> all, List<KeyAverages.Row> shown) {
    long self = all.stream().mapToLong(KeyAverages.Row::selfNanos).sum();
    long backward = all.stream().mapToLong(KeyAverages.Row::backwardNanos).sum();
    List<List<String>> lines = new ArrayList<>();
    lines.add(header());
    shown.forEach(row -> lines.add(line(row, self)));
    int[] widths = new int[lines.getFirst().size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    StringBuilder rule = new StringBuilder();
    for (int width : widths) {
      rule.append("-".repeat(width)).append("  ");
    }
    String between = rule.toString().stripTrailing() + "\n";
    StringBuilder out = new StringBuilder(between);
    for (int i = 0; i < lines.size(); i++) {
      append(out, lines.get(i), widths);
      out.append(i == 0 ? between : "");
    }
    return out.append(between)
        .append("Time of all: " + time(self) + ", of it backward: " + time(backward) + "\n")
        .toString();
  }

  /** Names and shapes flush left, numbers flush right. */
  private void append(StringBuilder out, List<String> line, int[] widths) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = line.get(i);
      String pad = " ".repeat(widths[i] - cell.length());
      boolean left = i == 0 || shapes && i == widths.length - 1;
      text.append(left ? cell + pad : pad + cell).append("  ");
    }
    out.append(text.toString().stripTrailing()).append('\n');
  }

  private List<String> header() {
    List<String> cells =
        new ArrayList<>(
            List.of("Name", "Self CPU %", "Self CPU", "In backward", "CPU total", "CPU time avg"));
    if (memory) {
      cells.addAll(List.of("CPU Mem", "Self CPU Mem"));
    }
    cells.add("# of Calls");
    if (shapes) {
      cells.add("Input Shapes");
    }
    return cells;
  }

  private List<String> line(KeyAverages.Row row, long all) {
    List<String> cells = new ArrayList<>();
    String name = row.name();
    cells.add(name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME - 3) + "..." : name);
    cells.add(String.format(Locale.ROOT, "%.2f%%", 100.0 * row.selfNanos() / Math.max(all, 1)));
    cells.add(time(row.selfNanos()));
    cells.add(time(row.backwardNanos()));
    cells.add(time(row.nanos()));
    cells.add(time(row.nanos() / row.calls()));
    if (memory) {
      cells.add(bytes(row.bytes()));
      cells.add(bytes(row.selfBytes()));
    }
    cells.add(Long.toString(row.calls()));
    if (shapes) {
      cells.add(row.shapes());
    }
    return cells;
  }

  static String time(long nanos) {
    if (nanos >= 1_000_000_000L) {
      return String.format(Locale.ROOT, "%.3fs", nanos / 1e9);
    }
    return nanos >= 1_000_000L
        ? String.format(Locale.ROOT, "%.3fms", nanos / 1e6)
        : String.format(Locale.ROOT, "%.3fus", nanos / 1e3);
  }

  static String bytes(long bytes) {
    double size = Math.abs((double) bytes);
    String unit = "b";
    for (String larger : new String[] {"Kb", "Mb", "Gb"}) {
      if (size < 1024) {
        break;
      }
      size /= 1024;
      unit = larger;
    }
    String text = unit.equals("b") ? "%.0f %s" : "%.2f %s";
    return (bytes < 0 ? "-" : "") + String.format(Locale.ROOT, text, size, unit);
  }
}
