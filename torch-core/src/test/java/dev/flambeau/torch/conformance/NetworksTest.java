package dev.flambeau.torch.conformance;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.torch.conformance.CaseResult.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Modules, optimizers, schedulers, initializers, random streams and trainings as PyTorch's. */
class NetworksTest {
  private static final List<FileResult> RESULTS = new ArrayList<>();

  /** A file a test; {@code -Dnn=REGEX} runs those whose names match, in whole. */
  @TestFactory
  Stream<DynamicTest> sameAsPyTorch() throws IOException {
    RESULTS.clear();
    String only = System.getProperty("nn", ".*");
    List<Path> files = NetworkRunner.files(Pack.folder("nn"));
    assertFalse(files.isEmpty(), "no file of cases");
    return files.stream()
        .filter(f -> f.getFileName().toString().replace(".safetensors", "").matches(only))
        .map(f -> dynamicTest(f.getFileName().toString(), () -> check(f)));
  }

  private static void check(Path file) throws IOException {
    FileResult result = NetworkRunner.run(file);
    RESULTS.add(result);
    assertTrue(result.count(Outcome.FAILED) == 0, () -> result.file() + "\n" + result.failures());
  }

  @AfterAll
  static void count() {
    long[] n = new long[3];
    RESULTS.forEach(r -> Arrays.setAll(n, i -> n[i] + r.count(Outcome.values()[i])));
    System.out.printf("networks: %d passed, %d failed, %d not supported%n", n[0], n[1], n[2]);
  }
}
