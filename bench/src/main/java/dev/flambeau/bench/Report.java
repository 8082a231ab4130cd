package dev.flambeau.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Milliseconds a step of each side, and ours divided by the better peer's. The median is the
 * result; the least tells what a quiet machine would give when something else was running.
 */
final class Report {
  private final Task task;
  private final Map<Side, List<Long>> nanos;

  Report(Task task, Map<Side, List<Long>> nanos) {
    this.task = task;
    this.nanos = nanos;
  }

  String text() {
    var text = new StringBuilder();
    text.append(line("", "least ms", "median ms"));
    for (var side : nanos.keySet()) {
      text.append(line(side.title, format(least(side)), format(median(side))));
    }
    for (var side : nanos.keySet()) {
      if (!side.peer) {
        text.append(
            line(
                side.title + " / better, aim " + task.aim,
                format(ratio(side, this::least)),
                format(ratio(side, this::median))));
      }
    }
    return text.toString();
  }

  double median(Side side) {
    var sorted = nanos.get(side).stream().mapToLong(Long::longValue).sorted().toArray();
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2e6;
  }

  double least(Side side) {
    return nanos.get(side).stream().mapToLong(Long::longValue).min().orElseThrow() / 1e6;
  }

  /** Time of a side divided by that of the fastest peer. */
  double ratio(Side side, ToDoubleFunction<Side> time) {
    var peers = nanos.keySet().stream().filter(other -> other.peer);
    return time.applyAsDouble(side) / peers.mapToDouble(time).min().orElseThrow();
  }

  private static String line(String title, String least, String median) {
    return String.format("  %-34s %10s %10s%n", title, least, median);
  }

  private static String format(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
