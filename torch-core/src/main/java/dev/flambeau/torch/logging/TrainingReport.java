package dev.flambeau.torch.logging;

import dev.flambeau.torch.serialize.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a training went, as one HTML page that needs nothing else: charts, tables, and on what system
 * it ran.
 */
public final class TrainingReport {
  private static final String STYLE =
      """
      body { font-family: sans-serif; color: #333; max-width: 1320px; margin: 24px auto; }
      h1 { font-size: 22px; } h2 { font-size: 17px; margin-top: 28px; }
      .charts { display: flex; flex-wrap: wrap; gap: 12px; }
      .charts svg { border: 1px solid #e3e3e3; max-width: 100%; height: auto; }
      table { border-collapse: collapse; font-size: 14px; }
      td, th { border: 1px solid #ddd; padding: 4px 10px; text-align: left; }
      th { background: #f4f4f4; }
      """;

  private final String title;
  private final List<Chart> charts = new ArrayList<>();
  private final Map<String, List<List<String>>> tables = new LinkedHashMap<>();

  /** An empty report. */
  public TrainingReport(String title) {
    this.title = title;
  }

  /** Adds a chart. */
  public TrainingReport chart(Chart chart) {
    charts.add(chart);
    return this;
  }

  /** Adds a table of names and values, such as hyperparameters. */
  public TrainingReport table(String heading, Map<String, ?> values) {
    List<List<String>> rows = new ArrayList<>();
    values.forEach((name, value) -> rows.add(List.of(name, String.valueOf(value))));
    tables.put(heading, rows);
    return this;
  }

  /** Adds a table; the first row is its header. */
  public TrainingReport table(String heading, List<List<String>> rows) {
    tables.put(heading, List.copyOf(rows));
    return this;
  }

  /** Writes the page. It appears whole or not at all. */
  public void save(Path html) throws IOException {
    byte[] page = toHtml().getBytes(StandardCharsets.UTF_8);
    WholeFile.write(html, out -> out.write(page));
  }

  private String toHtml() {
    StringBuilder out = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n");
    String name = SvgCanvas.escape(title);
    out.append("<meta charset=\"utf-8\"/>\n<title>").append(name).append("</title>\n");
    out.append("<style>\n").append(STYLE).append("</style>\n</head>\n<body>\n");
    out.append("<h1>").append(name).append("</h1>\n<div class=\"charts\">\n");
    charts.forEach(chart -> out.append(chart.toSvg()));
    out.append("</div>\n");
    tables.forEach(
        (heading, rows) -> {
          if (!rows.isEmpty()) {
            table(out, heading, rows, rows.getFirst().size() > 2);
          }
        });
    List<List<String>> system = new ArrayList<>();
    system().forEach((key, value) -> system.add(List.of(key, value)));
    table(out, "System", system, false);
    return out.append("</body>\n</html>\n").toString();
  }

  private static void table(
      StringBuilder out, String heading, List<List<String>> rows, boolean header) {
    out.append("<h2>").append(SvgCanvas.escape(heading)).append("</h2>\n<table>\n");
    for (int i = 0; i < rows.size(); i++) {
      out.append("<tr>");
      for (int k = 0; k < rows.get(i).size(); k++) {
        boolean head = header ? i == 0 : k == 0;
        String cell = head ? "th" : "td";
        out.append("<" + cell + ">").append(SvgCanvas.escape(rows.get(i).get(k)));
        out.append("</" + cell + ">");
      }
      out.append("</tr>\n");
    }
    out.append("</table>\n");
  }

  private static Map<String, String> system() {
    Runtime runtime = Runtime.getRuntime();
    Map<String, String> system = new LinkedHashMap<>();
    system.put("Written", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    system.put("Java", Runtime.version() + ", " + System.getProperty("java.vm.name"));
    system.put(
        "Operating system",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + ", "
            + System.getProperty("os.arch"));
    system.put("Processors", Integer.toString(runtime.availableProcessors()));
    system.put("Java heap limit", (runtime.maxMemory() >> 20) + " MiB");
    return system;
  }
}
