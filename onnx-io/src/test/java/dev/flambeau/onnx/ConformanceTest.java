package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.OnnxConformance.Outcome;
import dev.flambeau.onnx.OnnxConformance.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** ONNX's own backend tests: all pass but those that are listed with their reason. */
class ConformanceTest {
  @Test
  void backendTests() throws Exception {
    Path folder = unpacked(TestData.conformance());
    TreeMap<String, String> known = new TreeMap<>(KnownFailures.reasons());
    List<Result> results = new ArrayList<>();
    List<String> unexpected = new ArrayList<>();
    for (Path test : OnnxConformance.tests(folder)) {
      Result result = OnnxConformance.run(folder, test);
      results.add(result);
      if (result.outcome() == Outcome.FAILED && known.remove(result.name()) == null) {
        unexpected.add(result.name() + ": " + result.reason());
      }
    }
    System.out.print(OnnxConformance.table(results));
    System.out.println(OnnxConformance.counts(results));
    unexpected.forEach(System.out::println);
    assertTrue(unexpected.isEmpty(), unexpected.size() + " failed: " + unexpected);
    assertTrue(known.isEmpty(), "listed as failing, but they pass: " + known.keySet());
  }

  static Path unpacked(Path archive) throws IOException, InterruptedException {
    Path folder = Path.of("target", "onnx-backend");
    if (!Files.isDirectory(folder.resolve("dev"))) {
      Files.createDirectories(folder);
      int exit =
          new ProcessBuilder("tar", "xzf", archive.toString(), "-C", folder.toString())
              .inheritIO()
              .start()
              .waitFor();
      assertTrue(exit == 0, "tar failed");
    }
    return folder;
  }
}
