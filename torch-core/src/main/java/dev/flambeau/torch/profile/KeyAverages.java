package dev.flambeau.torch.profile;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.Watcher;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** Calls summed up by name, or by name and shapes. PyTorch: {@code EventList}. */
public final class KeyAverages {
  private final List<Row> rows;
  private final boolean shapes;
  private final boolean memory;

  /** What a table can be ordered by, largest first. */
  public enum Column {
    /** Time in the call itself, not in the calls inside it. */
    SELF_TIME(Row::selfNanos),
    /** Time from begin to end. */
    TOTAL_TIME(Row::nanos),
    /** Mean time from begin to end. */
    MEAN_TIME(r -> r.nanos() / r.calls()),
    /** Number of calls. */
    CALLS(Row::calls),
    /** Memory kept by the call itself. */
    SELF_MEMORY(Row::selfBytes),
    /** Memory kept from begin to end. */
    TOTAL_MEMORY(Row::bytes);

    final ToLongFunction<Row> value;

    Column(ToLongFunction<Row> value) {
      this.value = value;
    }
  }

  /**
   * All calls of one name.
   *
   * @param shapes of the inputs, as text; empty unless grouped by it
   * @param nanos time from begin to end, calls inside one of the same name counted once
   * @param backwardNanos the part of {@code selfNanos} that was spent during backward
   * @param bytes memory got and not given back, counted like {@code nanos}
   */
  public record Row(
      Watcher.Kind kind,
      String name,
      String shapes,
      long calls,
      long nanos,
      long selfNanos,
      long backwardNanos,
      long bytes,
      long selfBytes) {
    private Row plus(Span s) {
      return new Row(
          kind,
          name,
          shapes,
          calls + 1,
          nanos + (s.outermost() ? s.nanos() : 0),
          selfNanos + s.selfNanos(),
          backwardNanos + (s.inBackward() ? s.selfNanos() : 0),
          bytes + (s.outermost() ? s.bytes() : 0),
          selfBytes + s.selfBytes());
    }
  }

  private record Key(Watcher.Kind kind, String name, String shapes) {}

  private KeyAverages(List<Row> rows, boolean shapes, boolean memory) {
    this.rows = Collections.unmodifiableList(rows);
    this.shapes = shapes;
    this.memory = memory;
  }

  static KeyAverages of(List<Span> spans, boolean shapes, boolean memory) {
    Map<Key, Row> sums = new LinkedHashMap<>();
    for (Span s : spans) {
      Key key = new Key(s.kind(), s.name(), shapes ? text(s.inputs()) : "");
      Row none = new Row(s.kind(), s.name(), key.shapes, 0, 0, 0, 0, 0, 0);
      sums.put(key, sums.getOrDefault(key, none).plus(s));
    }
    return new KeyAverages(new ArrayList<>(sums.values()), shapes, memory);
  }

  static String text(List<Meta> inputs) {
    return inputs.stream()
        .map(m -> m == null ? "-" : m.shape().toString())
        .collect(Collectors.joining(", "));
  }

  /** In the order of the first calls. */
  public List<Row> rows() {
    return rows;
  }

  /** All of {@link #table(Column, int)} by the time of the calls themselves. */
  @Override
  public String toString() {
    return table(Column.SELF_TIME, Integer.MAX_VALUE);
  }

  /**
   * A table as PyTorch prints it: times from begin to end and of the calls themselves, their share
   * during backward, numbers of calls and, where noted, memory and shapes.
   *
   * @param sortBy the largest of these first
   * @param limit at most so many rows
   */
  public String table(Column sortBy, int limit) {
    if (limit < 1) {
      throw TorchException.argument("table", "limit", limit, "1 or more");
    }
    List<Row> sorted =
        rows.stream()
            .sorted(Comparator.comparingLong(sortBy.value).reversed())
            .limit(limit)
            .toList();
    return new AverageTable(shapes, memory).text(rows, sorted);
  }
}
