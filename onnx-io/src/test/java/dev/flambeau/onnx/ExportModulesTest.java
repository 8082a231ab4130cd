package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flambeau.onnx.ExportedCalls.Outcome;
import dev.flambeau.torch.conformance.NetworkRunner;
import dev.flambeau.torch.conformance.RecordedModule;
import java.nio.file.Path;
import java.util.ArrayList;
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
    ExportedCalls calls = new ExportedCalls(folder.resolve("module.onnx"));
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
        ExportedCalls.Result result = calls.run(name, all.get(i), 21);
        if (result.outcome() == Outcome.AGREES) {
          agree++;
        } else if (result.outcome() == Outcome.HOLE && HOLES.containsKey(name)) {
          holes++;
        } else {
          wrong.add(name + " " + all.get(i).id() + ": " + result.detail());
        }
      }
    }
    System.out.println("modules: " + agree + " agree, " + holes + " listed as holes");
    assertEquals(List.of(), wrong);
  }
}
