package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.conformance.NetworkRunner;
import dev.flambeau.torch.conformance.RecordedModule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every module of PyTorch's samples comes to the same in ONNX Runtime, or is listed. Some samples
 * of each; all with {@code -Dflambeau.export=all}.
 */
class ExportModulesTest {
  /** What cannot be exported, of some samples. */
  private static final Map<String, String> HOLES =
      Map.of(
          "Embedding", "maxNorm writes into the table",
          "EmbeddingBag", "maxNorm writes into the table");

  private static final boolean ALL = "all".equals(System.getProperty("flambeau.export"));

  @TempDir Path folder;

  @Test
  void modules() throws Exception {
    List<String> wrong = new ArrayList<>();
    int agree = 0;
    int holes = 0;
    for (Path path : NetworkRunner.files(TestData.networks())) {
      String name = path.getFileName().toString().replace(".safetensors", "");
      List<RecordedModule> all = RecordedModule.of(path);
      for (int i = 0; i < all.size(); i++) {
        if (!ALL && i % Math.max(all.size() / 2, 1) != 0) {
          continue;
        }
        String found = run(all.get(i));
        if (found.isEmpty()) {
          agree++;
        } else if (found.startsWith("hole") && HOLES.containsKey(name)) {
          holes++;
        } else {
          wrong.add(name + " " + all.get(i).id() + ": " + found);
        }
      }
    }
    System.out.println("modules: " + agree + " agree, " + holes + " listed as holes");
    assertEquals(List.of(), wrong);
  }

  private String run(RecordedModule call) {
    Path file = folder.resolve("module.onnx");
    List<Tensor> inputs = call.inputs();
    List<Tensor> wanted = Torch.noGrad(() -> call.apply(inputs));
    try {
      Onnx.export(call.module(), call::apply, inputs, file, _ -> {});
    } catch (TorchException e) {
      return "hole: " + e.getMessage();
    }
    List<String> faults = Onnx.check(file);
    if (!faults.isEmpty()) {
      return "checker: " + faults;
    }
    Map<String, Tensor> feed = new LinkedHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      feed.put(i == 0 ? "input" : "input_" + i, inputs.get(i));
    }
    List<Tensor> got = new ArrayList<>();
    try {
      Reference.run(file, "it", false, feed).values().forEach(t -> got.add(t.orElseThrow()));
    } catch (TorchException e) {
      return e.getMessage();
    }
    return RecordedModule.difference(got, wanted, 1e-4).orElse("");
  }
}
