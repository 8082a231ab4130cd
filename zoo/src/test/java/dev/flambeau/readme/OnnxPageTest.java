package dev.flambeau.readme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.Onnx;
import dev.flambeau.onnx.QuantizeReport;
import dev.flambeau.onnx.Verification;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/onnx.md shows is what compiles and runs. */
class OnnxPageTest {
  @TempDir Path folder;

  @Test
  void showsTheExample() throws IOException {
    String source = ReadmeTest.read("zoo/src/test/java/dev/flambeau/readme/OnnxExample.java");
    String page = ReadmeTest.read("docs/onnx.md");
    for (String part : List.of("network", "export", "smaller")) {
      String code = ReadmeTest.between(source, "// " + part + " begins\n", "// " + part + " ends");
      String shown = "```java\n" + code.stripIndent().strip() + "\n```";
      assertTrue(page.contains(shown), "not in the page: " + shown);
    }
  }

  @Test
  void exampleRuns() {
    Torch.manualSeed(0);
    Path file = folder.resolve("brighten.onnx");
    Tensor dark = Torch.rand(1, 3, 8, 8).mul(0.1);
    Tensor others = Torch.rand(2, 3, 11, 6).mul(0.7);
    Verification verification = OnnxExample.export(dark, others, file);
    assertTrue(verification.agrees() && verification.largest() < 1e-5, verification::toString);
    assertEquals(List.of(), Onnx.check(file));
    assertEquals("we", Onnx.readMetadata(file).get("author"));
    for (QuantizeReport report : OnnxExample.smaller(file, folder.resolve("out.onnx"))) {
      assertTrue(report.outputs().getFirst().relative() < 0.1, report::toString);
    }
    assertTrue(Files.exists(folder.resolve("out.onnx")));
  }
}
