package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flambeau.onnx.ExportedCalls.Outcome;
import dev.flambeau.torch.conformance.ConformanceRunner;
import dev.flambeau.torch.conformance.RecordedCall;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every operator of PyTorch's samples goes out to ONNX and comes to the same there, or is listed.
 * Some samples of each operator; all with {@code -Dflambeau.export=all}. What became of each
 * operator is written to {@code target/export-conformance-SET.tsv}.
 */
class ExportConformanceTest {
  /** What has no form in ONNX: all samples of an operator, or some. */
  private static final Map<String, String> HOLES =
      Map.of(
          "allclose", "the result is Java's",
          "equal", "the result is Java's",
          "tensor_split", "places in a tensor are read into Java",
          "linalg.ldl_factor", "factors with blocks for pivots",
          "linalg.ldl_factor_ex", "factors with blocks for pivots",
          "linalg.ldl_solve", "factors with blocks for pivots",
          "linalg.lstsq", "whether there are residuals depends on the rank",
          "linalg.lstsq.grad_oriented", "whether there are residuals depends on the rank");

  private static final boolean ALL = "all".equals(System.getProperty("flambeau.export"));

  @TempDir Path folder;

  /** How many samples of a file are taken, and from which of so many files: enough for a minute. */
  private static List<RecordedCall> sample(int opset, int number, List<RecordedCall> all) {
    int most = opset == 21 ? 2 : opset == 13 || number % 8 == opset % 8 ? 1 : 0;
    List<RecordedCall> some = new ArrayList<>();
    for (int i = 0; i < Math.min(most, all.size()); i++) {
      some.add(all.get((int) ((long) (2 * i + 1) * all.size() / (2L * most))));
    }
    return ALL ? all : some;
  }

  @ParameterizedTest(name = "operator set {0}")
  @ValueSource(ints = {13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27})
  void operators(int opset) throws Exception {
    ExportedCalls calls = new ExportedCalls(folder.resolve("call.onnx"));
    Map<String, Map<Outcome, Integer>> table = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    int number = 0;
    for (Path path : ConformanceRunner.files(TestData.operators())) {
      String name = path.getFileName().toString().replace(".safetensors", "");
      for (RecordedCall call : sample(opset, number++, RecordedCall.of(path))) {
        ExportedCalls.Result result = calls.run(name, call, opset);
        table
            .computeIfAbsent(name, _ -> new EnumMap<>(Outcome.class))
            .merge(result.outcome(), 1, Integer::sum);
        boolean hole = result.outcome() == Outcome.HOLE;
        if (result.outcome() == Outcome.WRONG || hole && !HOLES.containsKey(name)) {
          wrong.add(name + " " + call.id() + ": " + result.detail());
        }
        if (hole) {
          lines.add(name + "\t" + call.id() + "\t" + HOLES.get(name) + "\t" + result.detail());
        }
      }
    }
    report(opset, table, lines);
    assertEquals(List.of(), wrong);
    if (ALL) {
      TreeSet<String> filled = new TreeSet<>(HOLES.keySet());
      filled.removeIf(name -> table.get(name).containsKey(Outcome.HOLE));
      assertEquals(List.of(), List.copyOf(filled), "listed as holes, but exported");
    }
  }

  private static void report(
      int opset, Map<String, Map<Outcome, Integer>> table, List<String> holes) throws Exception {
    Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
    table.values().forEach(m -> m.forEach((o, n) -> counts.merge(o, n, Integer::sum)));
    System.out.println("operator set " + opset + ": " + counts);
    List<String> lines = new ArrayList<>();
    table.forEach((name, outcomes) -> lines.add(name + "\t" + outcomes));
    holes.forEach(line -> lines.add(line.replace("\n", " ")));
    Files.write(Path.of("target", "export-conformance-" + opset + ".tsv"), lines);
  }
}
