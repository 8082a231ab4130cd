package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ONNX's backend tests, imported, exported and run again. */
class RoundTripTest {
  @TempDir Path folder;

  @Test
  void whatIsImportedIsExported() throws Exception {
    Path root = ConformanceTest.unpacked(TestData.conformance());
    TreeMap<String, Integer> outcomes = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    for (Path test : OnnxConformance.tests(root)) {
      if (OnnxConformance.run(root, test).outcome() != OnnxConformance.Outcome.PASSED) {
        continue;
      }
      String outcome;
      try {
        outcome = again(root, test);
      } catch (TorchException e) {
        outcome = "refused";
        wrong.add(root.relativize(test) + ": " + e.getMessage());
      }
      outcomes.merge(outcome, 1, Integer::sum);
    }
    wrong.forEach(System.out::println);
    System.out.println(outcomes);
    assertEquals(0, wrong.size());
  }

  private String again(Path root, Path test) throws IOException {
    Path copy = folder.resolve("again");
    Files.createDirectories(copy);
    try (Stream<Path> files = Files.walk(test)) {
      for (Path file : files.toList()) {
        Path to = copy.resolve(test.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(to);
        } else {
          Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    OnnxModule module = Onnx.load(test.resolve("model.onnx"));
    long own = Onnx.info(test.resolve("model.onnx"), java.util.Optional.empty()).opsets().getOrDefault("ai.onnx", 21L);
    int opset = Integer.getInteger("opset", (int) Math.clamp(own, ExportOptions.OLDEST, ExportOptions.NEWEST));
    String how = "kept";
    try {
      Onnx.export(module, copy.resolve("model.onnx"), o -> o.opset(opset));
    } catch (TorchException e) {
      if (!e.getMessage().contains("examples")) throw e;
      how = "captured";
      List<dev.flambeau.torch.Tensor> examples = new ArrayList<>();
      for (int i = 0; i < module.inputs().size(); i++) {
        OnnxValue v = OnnxConformance.read(test.resolve("test_data_set_0/input_" + i + ".pb"), module.inputType(i));
        if (!(v instanceof OnnxValue.Numbers)) return "not tensors";
        examples.add(v.tensor("input"));
      }
      if (examples.isEmpty()) return "no inputs";
      Onnx.export(module, examples, copy.resolve("model.onnx"), o -> o.opset(opset));
    }
    OnnxConformance.Result result = OnnxConformance.run(folder, copy);
    if (result.outcome() != OnnxConformance.Outcome.PASSED) {
      throw TorchException.format("again", result.outcome() + " " + result.reason());
    }
    return how;
  }
}
