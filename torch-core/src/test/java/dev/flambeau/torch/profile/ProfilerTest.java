package dev.flambeau.torch.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.Watcher;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.optim.SGD;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfilerTest {
  private static Map<String, KeyAverages.Row> rows(Profiler profiler) {
    return profiler.keyAverages().rows().stream()
        .collect(Collectors.toMap(KeyAverages.Row::name, Function.identity()));
  }

  private static Profiler trained(boolean detailed) {
    Linear layer = new Linear(8, 3);
    SGD optimizer = new SGD(layer.parameters(), o -> o.lr(0.1));
    Tensor x = Torch.randn(5, 8);
    return Profiler.profile(
        o -> o.shapes(detailed).memory(detailed),
        () ->
            Profiler.recordFunction(
                "two steps",
                () -> {
                  for (int i = 0; i < 2; i++) {
                    optimizer.step(() -> layer.forward(x).relu().sum());
                  }
                }));
  }

  @Test
  void forwardBackwardOptimizerAndRangesAreCounted() {
    Map<String, KeyAverages.Row> rows = rows(trained(false));
    assertEquals(1, rows.get("two steps").calls());
    assertEquals(2, rows.get("relu").calls());
    assertEquals(2, rows.get("relu backward").calls());
    assertEquals(2, rows.get("backward").calls());
    assertEquals(2, rows.get("SGD.step").calls());
    assertEquals(Watcher.Kind.RANGE, rows.get("two steps").kind());
    assertEquals(Watcher.Kind.OPERATOR, rows.get("relu").kind());
    assertEquals(Watcher.Kind.BACKWARD, rows.get("relu backward").kind());
    assertEquals(0, rows.get("relu").backwardNanos());
    KeyAverages.Row step = rows.get("relu backward");
    assertEquals(step.selfNanos(), step.backwardNanos());
    assertTrue(
        rows.values().stream()
            .anyMatch(r -> r.kind() == Watcher.Kind.OPERATOR && r.backwardNanos() > 0),
        "an operator ran in backward");
  }

  @Test
  void selfTimesAddUpToTheWhole() {
    Profiler profiler = trained(false);
    long whole = rows(profiler).get("two steps").nanos();
    long sum = profiler.spans().stream().mapToLong(Span::selfNanos).sum();
    assertEquals(whole, sum);
    profiler.spans().forEach(s -> assertTrue(s.selfNanos() >= 0, s.toString()));
  }

  @Test
  void namesInsideThemselvesCountOnceInTheTotal() {
    Profiler profiler =
        Profiler.profile(
            () ->
                Profiler.recordFunction(
                    "outer", () -> Profiler.recordFunction("outer", () -> Torch.ones(3).add(1))));
    KeyAverages.Row outer = rows(profiler).get("outer");
    assertEquals(2, outer.calls());
    assertEquals(profiler.spans().getFirst().nanos(), outer.nanos());
  }

  @Test
  void shapesAndMemoryWhenAskedFor() {
    Tensor a = Torch.ones(2, 3);
    Tensor b = Torch.ones(256, 1024);
    Tensor[] kept = new Tensor[1];
    Profiler profiler =
        Profiler.profile(
            o -> o.shapes(true).memory(true),
            () -> {
              a.exp();
              kept[0] = b.exp();
              b.exp().storage().free();
            });
    List<KeyAverages.Row> rows = profiler.keyAveragesByShape().rows();
    assertEquals(2, rows.size(), rows.toString());
    assertEquals(a.shape().toString(), rows.getFirst().shapes());
    assertEquals(b.shape().toString(), rows.getLast().shapes());
    assertEquals(2, rows.getLast().calls());
    // Freed outside of the call: what exp itself got are both results.
    assertEquals(2 * 256 * 1024 * 4, rows.getLast().selfBytes());
    assertEquals(256 * 1024, kept[0].numel());
    String table = profiler.keyAveragesByShape().table(KeyAverages.Column.SELF_MEMORY, 1);
    assertTrue(table.contains("2.00 Mb"), table);
    assertTrue(table.contains(b.shape().toString()), table);
    assertFalse(table.contains(a.shape().toString()), table);
    Profiler plain = Profiler.profile(() -> a.exp());
    assertThrows(TorchException.class, plain::keyAveragesByShape);
    assertEquals(List.of(), plain.spans().getFirst().inputs());
  }

  @Test
  void tablesAreSortedByAColumn() {
    Profiler profiler =
        Profiler.profile(
            () -> {
              Tensor x = Torch.ones(4);
              for (int i = 0; i < 5; i++) {
                x.sin();
              }
              Torch.randn(300, 300).matmul(Torch.randn(300, 300));
            });
    String byCalls = profiler.keyAverages().table(KeyAverages.Column.CALLS, 1);
    String byTime = profiler.keyAverages().table(KeyAverages.Column.TOTAL_TIME, 99);
    assertTrue(byCalls.contains("sin") && !byCalls.contains("matmul"), byCalls);
    assertTrue(byTime.contains("sin") && byTime.contains("matmul"), byTime);
    long[] total =
        byTime
            .lines()
            .skip(3)
            .filter(l -> l.contains("%"))
            .map(l -> l.strip().split("\\s{2,}")[0])
            .mapToLong(n -> rows(profiler).get(n).nanos())
            .toArray();
    for (int i = 1; i < total.length; i++) {
      assertTrue(total[i - 1] >= total[i], byTime);
    }
    assertThrows(
        TorchException.class, () -> profiler.keyAverages().table(KeyAverages.Column.CALLS, 0));
  }

  @Test
  void otherThreadsAreWatchedToo() throws InterruptedException {
    Profiler profiler = Profiler.start();
    try (profiler) {
      Thread other = new Thread(() -> Torch.ones(3).cos(), "the other");
      other.start();
      other.join();
      Torch.ones(3).sin();
    }
    Torch.ones(3).tan();
    Map<String, Long> threads =
        profiler.spans().stream().collect(Collectors.toMap(Span::name, Span::thread, (x, _) -> x));
    assertFalse(threads.get("sin").equals(threads.get("cos")), threads.toString());
    assertNull(threads.get("tan"));
  }

  @Test
  void oneAtATimeAndFailuresEndTheirSpans() {
    try (Profiler first = Profiler.start()) {
      assertThrows(TorchException.class, Profiler::start);
      assertThrows(
          IllegalStateException.class,
          () ->
              Profiler.recordFunction(
                  "bad",
                  (Runnable)
                      () -> {
                        throw new IllegalStateException("expected");
                      }));
      Torch.ones(2).sin();
      assertEquals(1, rows(first).get("bad").calls());
    }
    assertNull(Watcher.current());
  }

  @Test
  void chromeTraceHasEverySpan(@TempDir Path folder) throws IOException {
    Profiler profiler = trained(true);
    Path file = folder.resolve("trace.json");
    Files.writeString(file, "old");
    profiler.exportChromeTrace(file);
    JsonNode events = new ObjectMapper().readTree(file.toFile()).get("traceEvents");
    Map<String, Integer> phases = new TreeMap<>();
    for (JsonNode event : events) {
      phases.merge(event.get("ph").asText(), 1, Integer::sum);
      if (event.get("name").asText().equals("relu")) {
        assertEquals("[[5,3]]", event.get("args").get("Input Dims").toString());
        assertEquals("[\"F32\"]", event.get("args").get("Input type").toString());
        assertTrue(event.get("dur").asDouble() > 0);
      }
    }
    assertEquals(profiler.spans().size(), phases.get("X"));
    assertTrue(phases.get("M") >= 1 && phases.get("C") >= 1, phases.toString());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }
}
