package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ONNX's backend tests, imported, exported and run again. */
class ConformanceRoundTripTest {
  @TempDir Path folder;

  /** In their own operator set, where it can be written, and in the default one. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsImportedIsExported(boolean own) throws Exception {
    Path root = ConformanceTest.unpacked(TestData.conformance());
    TreeMap<String, Integer> counts = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    for (Path test : OnnxConformance.tests(root)) {
      if (OnnxConformance.run(root, test).outcome() != OnnxConformance.Outcome.PASSED) {
        continue;
      }
      long opset = opset(test);
      int wanted = own ? (int) Math.max(opset, ExportOptions.OLDEST) : 21;
      if (wanted > ExportOptions.NEWEST) {
        counts.merge("newer than what is written", 1, Integer::sum);
        continue;
      }
      try {
        counts.merge(again(test, wanted), 1, Integer::sum);
      } catch (TorchException e) {
        // Types that the operator set lacks are found by the checker.
        boolean said =
            e.getMessage().contains("cannot be exported") || e.getMessage().contains("allows ");
        counts.merge(said ? "refused with a reason" : "wrong", 1, Integer::sum);
        if (own || !said) {
          wrong.add(root.relativize(test) + ": " + e.getMessage());
        }
      }
    }
    wrong.forEach(System.out::println);
    System.out.println((own ? "own operator set: " : "operator set 21: ") + counts);
    assertEquals(0, wrong.size(), wrong.toString());
    assertTrue(counts.get("kept") > 1000, counts.toString());
  }

  private static long opset(Path test) {
    return Onnx.parse(OnnxConformance.model(test)).getOpsetImportList().stream()
        .filter(o -> Names.domain(o.getDomain()).isEmpty())
        .mapToLong(o -> o.getVersion())
        .findFirst()
        .orElse(21);
  }

  /** How the model was exported; the copy has passed the test as well. */
  private String again(Path test, int opset) throws IOException {
    Path file = folder.resolve("again.onnx");
    OnnxModule module = Onnx.load(OnnxConformance.model(test));
    String how = "kept";
    try {
      Onnx.export(module, file, o -> o.opset(opset));
    } catch (TorchException e) {
      if (!e.getMessage().contains("examples")) {
        throw e;
      }
      how = "captured in part";
      Optional<List<Tensor>> examples = examples(module, test);
      if (examples.isEmpty()) {
        return "no tensors as inputs";
      }
      Onnx.export(module, examples.get(), file, o -> o.opset(opset));
    }
    OnnxConformance.Result result = OnnxConformance.run(test, test, _ -> Onnx.load(file));
    if (result.outcome() != OnnxConformance.Outcome.PASSED) {
      throw TorchException.format("exported", result.outcome() + " " + result.reason());
    }
    return how;
  }

  private static Optional<List<Tensor>> examples(OnnxModule module, Path test) {
    if (!Files.isDirectory(test)) {
      return Optional.of(module.randomInputs(Map.of(), new Generator(0)));
    }
    List<Tensor> examples = new ArrayList<>();
    for (int i = 0; i < module.inputs().size(); i++) {
      Path file = test.resolve("test_data_set_0/input_" + i + ".pb");
      if (!(OnnxConformance.read(file, module.inputType(i)) instanceof OnnxValue.Numbers n)) {
        return Optional.empty();
      }
      examples.add(n.tensor(module.inputs().get(i)));
    }
    return Optional.of(examples).filter(all -> !all.isEmpty());
  }
}
