package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checker on correct models and on broken ones, and against onnx.checker. */
class CheckerTest {
  /** Models that are judged otherwise than by onnx.checker 1.12, with the reason. */
  private static final Map<String, String> OTHERWISE =
      Map.of("mosaic.onnx", "has removed operators, of which onnx.checker only warns");

  @TempDir Path folder;

  private Path written(BrokenModels.Broken broken) throws Exception {
    Path file = folder.resolve(broken.rule().replaceAll("[^\\w.]+", "_") + ".onnx");
    return Files.write(file, broken.model().toByteArray());
  }

  @Test
  void correctModels() {
    assertEquals(List.of(), Checker.check(BrokenModels.good().model()));
    assertEquals(List.of(), Checker.check(BrokenModels.calling(BrokenModels.goodFunction())));
    assertEquals(List.of(), Checker.check(BrokenModels.trained()));
  }

  @Test
  void eachRuleIsReported() throws Exception {
    Files.write(folder.resolve("data.bin"), new byte[8]);
    List<String> missed = new ArrayList<>();
    for (BrokenModels.Broken broken : BrokenModels.all()) {
      List<String> faults = Onnx.check(written(broken));
      if (faults.stream().noneMatch(f -> f.contains(broken.message()))) {
        missed.add(broken.rule() + ": '" + broken.message() + "' not in " + faults);
      }
    }
    missed.forEach(System.out::println);
    assertEquals(List.of(), missed);
  }

  /** Everything is said at once. */
  @Test
  void allFaultsTogether() {
    Graphs graphs = BrokenModels.good().node("Rolu", "a", "y", "a").node("Add", "b", "y q", "b");
    graphs.graph.clearName();
    List<String> faults = Checker.check(graphs.model());
    assertEquals(3, faults.size(), faults::toString);
  }

  @Test
  void backendTestsAreCorrect() throws Exception {
    Path root = ConformanceTest.unpacked(TestData.conformance());
    List<String> wrong = new ArrayList<>();
    for (Path test : OnnxConformance.tests(root)) {
      List<String> faults = Onnx.check(OnnxConformance.model(test));
      if (!faults.isEmpty()) {
        wrong.add(test + " " + faults);
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void realModels() throws Exception {
    List<Path> models = models();
    assertTrue(models.size() > 5, models::toString);
    for (Path model : models) {
      List<String> faults = Onnx.check(model);
      boolean good = !OTHERWISE.containsKey(model.getFileName().toString());
      assertEquals(good, faults.isEmpty(), model + " " + faults);
    }
    List<String> mosaic = Onnx.check(TestData.model("mosaic.onnx"));
    assertTrue(mosaic.stream().allMatch(f -> f.contains("removed from ONNX")), mosaic::toString);
    for (String type : List.of("ImageScaler 'scaler", "Crop", "Affine")) {
      assertTrue(mosaic.stream().anyMatch(f -> f.startsWith(type)), mosaic::toString);
    }
  }

  private static List<Path> models() throws Exception {
    List<Path> models = new ArrayList<>(List.of(TestData.miniLm()));
    try (Stream<Path> all = Files.walk(TestData.model("mnist.onnx").getParent())) {
      all.filter(f -> f.toString().endsWith(".onnx")).sorted().forEach(models::add);
    }
    return models;
  }

  /** Those of operator sets that Debian's onnx knows are judged as by its onnx.checker. */
  @Test
  void asOnnxChecker() throws Exception {
    PythonOnnx python = PythonOnnx.find(folder);
    Map<Path, Boolean> ours = new LinkedHashMap<>();
    Files.write(folder.resolve("data.bin"), new byte[8]);
    for (BrokenModels.Broken broken : BrokenModels.all()) {
      ours.put(written(broken), !broken.peer());
    }
    for (Path model : models()) {
      boolean otherwise = OTHERWISE.containsKey(model.getFileName().toString());
      ours.put(model.toAbsolutePath(), otherwise || Onnx.check(model).isEmpty());
    }
    // That they are correct is another test.
    Path root = ConformanceTest.unpacked(TestData.conformance()).toAbsolutePath();
    OnnxConformance.tests(root).forEach(test -> ours.put(OnnxConformance.model(test), true));
    Path list = folder.resolve("list");
    Files.write(list, ours.keySet().stream().map(Path::toString).toList());
    Path answers = folder.resolve("answers");
    python.run("check.py", list, answers);
    List<String> different = new ArrayList<>();
    int judged = 0;
    for (String line : Files.readAllLines(answers)) {
      int tab = line.indexOf('\t');
      String verdict = line.substring(0, tab);
      boolean good = ours.get(Path.of(line.substring(tab + 1)));
      if (!verdict.equals("newer") && !verdict.equals("crash")) {
        judged++;
        if (verdict.equals("ok") != good) {
          different.add(line);
        }
      }
    }
    System.out.println(judged + " models judged by onnx.checker, too");
    different.forEach(System.out::println);
    assertEquals(List.of(), different);
    assertTrue(judged > 400, judged + "");
  }
}
