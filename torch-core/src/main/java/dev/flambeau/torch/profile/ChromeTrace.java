package dev.flambeau.torch.profile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.serialize.WholeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Spans as Chrome's trace viewer reads them: "X" for spans, "C" for the memory in use, "M" for
 * names; times in microseconds. Format: "Trace Event Format" by Google.
 */
final class ChromeTrace {
  private static final long PROCESS = ProcessHandle.current().pid();

  private ChromeTrace() {}

  static void write(List<Track> tracks, Path file) throws IOException {
    WholeFile.write(
        file,
        out -> {
          try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartObject();
            json.writeStringField("displayTimeUnit", "ms");
            json.writeArrayFieldStart("traceEvents");
            for (Track track : tracks) {
              threadName(json, track);
              for (Span span : track.spans()) {
                span(json, span);
              }
            }
            memory(json, tracks);
            json.writeEndArray();
            json.writeEndObject();
          }
        });
  }

  private static void start(JsonGenerator json, String phase, String name, long thread)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("ph", phase);
    json.writeStringField("name", name);
    json.writeNumberField("pid", PROCESS);
    json.writeNumberField("tid", thread);
  }

  private static void threadName(JsonGenerator json, Track track) throws IOException {
    start(json, "M", "thread_name", track.thread());
    json.writeObjectFieldStart("args");
    json.writeStringField("name", track.threadName());
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void span(JsonGenerator json, Span span) throws IOException {
    start(json, "X", span.name(), span.thread());
    json.writeStringField("cat", span.kind().name().toLowerCase(Locale.ROOT));
    json.writeNumberField("ts", span.start() / 1e3);
    json.writeNumberField("dur", span.nanos() / 1e3);
    json.writeObjectFieldStart("args");
    if (!span.inputs().isEmpty()) {
      json.writeArrayFieldStart("Input Dims");
      for (Meta m : span.inputs()) {
        long[] sizes = m == null ? new long[0] : m.shape().sizes();
        json.writeArray(sizes, 0, sizes.length);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("Input type");
      for (Meta m : span.inputs()) {
        json.writeString(m == null ? "" : m.dtype().name());
      }
      json.writeEndArray();
    }
    if (span.bytes() != 0) {
      json.writeNumberField("Bytes", span.bytes());
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  /** The bytes in use since the start, over all threads. */
  private static void memory(JsonGenerator json, List<Track> tracks) throws IOException {
    List<Track.Change> changes =
        tracks.stream()
            .flatMap(t -> t.changes().stream())
            .sorted(Comparator.comparingLong(Track.Change::at))
            .toList();
    long now = 0;
    for (Track.Change change : changes) {
      now += change.bytes();
      start(json, "C", "memory", 0);
      json.writeNumberField("ts", change.at() / 1e3);
      json.writeObjectFieldStart("args");
      json.writeNumberField("bytes", now);
      json.writeEndObject();
      json.writeEndObject();
    }
  }
}
