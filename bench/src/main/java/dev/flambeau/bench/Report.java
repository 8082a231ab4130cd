package dev.flambeau.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;

/**
 * Milliseconds a step of each side, and ours divided by the better peer's. The median is the
 * result; the least tells what a quiet machine would give when something else was running. Peak
 * memory is that of the whole process, JVM included.
 */
final class Report {
  private final Task task;
  private final Map<Side, List<Long>> nanos;
  private final Map<Side, OptionalLong> peaks;

  /** Of the duration of each step, and the most memory that was resident, in bytes. */
  Report(Task task, Map<Side, List<Long>> nanos, Map<Side, OptionalLong> peaks) {
    this.task = task;
    this.nanos = nanos;
    this.peaks = peaks;
  }

  String text() {
    var text = new StringBuilder();
    text.append(line("", "least ms", "median ms", "peak MB"));
    for (var side : nanos.keySet()) {
      text.append(line(side.title, format(least(side)), format(median(side)), peak(side)));
    }
    for (var side : nanos.keySet()) {
      if (!side.peer) {
        text.append(
            line(
                side.title + " / better, aim " + task.aim,
                format(ratio(side, this::least)),
                format(ratio(side, this::median)),
                ""));
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

  private String peak(Side side) {
    var bytes = peaks.get(side);
    return bytes.isPresent() ? Long.toString(Math.round(bytes.getAsLong() / 1e6)) : "unknown";
  }

  private static String line(String title, String least, String median, String peak) {
    return String.format("  %-34s %10s %10s %10s%n", title, least, median, peak);
  }

  private static String format(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
