package dev.flambeau.torch.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.torch.catalog.Catalog;
import dev.flambeau.torch.catalog.Entry;
import dev.flambeau.torch.conformance.CaseResult.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestMethodOrder;

/** The catalog against PyTorch's samples, against our methods and against its page. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OperatorsTest {
  private static final List<FileResult> RESULTS = new ArrayList<>();

  /** A file a test; {@code -Dops=REGEX} runs those whose names match, in whole. */
  @TestFactory
  @Order(1)
  Stream<DynamicTest> sameAsPyTorch() throws IOException {
    RESULTS.clear();
    String only = System.getProperty("ops", ".*");
    List<Path> files = ConformanceRunner.files(Pack.folder("ops"));
    assertFalse(files.isEmpty(), "no file of samples");
    return files.stream()
        .filter(f -> f.getFileName().toString().replace(".safetensors", "").matches(only))
        .map(f -> dynamicTest(f.getFileName().toString(), () -> check(f)));
  }

  private static void check(Path file) throws IOException {
    FileResult result = ConformanceRunner.run(file);
    RESULTS.add(result);
    assertTrue(result.count(Outcome.FAILED) == 0, () -> result.file() + "\n" + result.failures());
  }

  @AfterAll
  static void count() {
    long[] n = new long[3];
    RESULTS.forEach(r -> Arrays.setAll(n, i -> n[i] + r.count(Outcome.values()[i])));
    System.out.printf("operators: %d passed, %d failed, %d not supported%n", n[0], n[1], n[2]);
  }

  /** The page shows every entry; with the samples at hand, every count too. */
  @Test
  @Order(2)
  void pageIsUpToDate() throws IOException {
    Path file = Path.of(System.getProperty("flambeau.root", "..")).resolve("docs/operators.md");
    boolean counted = !RESULTS.isEmpty() && System.getProperty("ops") == null;
    String expected = OperatorPage.of(RESULTS);
    String hint = "write it anew: run this test with -Dpage=write";
    if (counted && "write".equals(System.getProperty("page"))) {
      Files.writeString(file, expected);
    }
    assertEquals(
        counted ? expected : names(expected),
        counted ? Files.readString(file) : names(Files.readString(file)),
        hint);
  }

  /** The first two columns. */
  private static String names(String page) {
    StringBuilder out = new StringBuilder();
    page.lines()
        .filter(line -> line.startsWith("| `"))
        .forEach(
            line ->
                out.append(line.substring(0, line.indexOf("|", line.indexOf("|", 1) + 1)) + "\n"));
    return out.toString();
  }

  @TestFactory
  Stream<DynamicTest> methodsExist() {
    return Catalog.entries().values().stream()
        .filter(Entry::offered)
        .map(e -> dynamicTest(e.name() + " is " + e.java(), () -> method(e.java())));
  }

  private static void method(String name) throws ClassNotFoundException {
    String[] parts = name.split("\\.");
    String prefix = "dev.flambeau.torch.";
    String folder = Map.of("F", "nn.functional.", "Linalg", "linalg.").getOrDefault(parts[0], "");
    Class<?> type = Class.forName(prefix + folder + parts[0]);
    assertFalse(
        Arrays.stream(type.getMethods()).noneMatch(m -> m.getName().equals(parts[1])),
        "there is no " + name);
  }
}
