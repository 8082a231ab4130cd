package dev.flambeau.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxCommandTest {
  @TempDir Path folder;

  private Cli check(String operator) throws IOException {
    Path file = folder.resolve("net.onnx");
    Files.write(file, TinyOnnx.model(operator, Map.of()));
    return Cli.run("onnx", "check", file.toString());
  }

  @Test
  void checkSaysWhatIsWrong() throws IOException {
    Cli good = check("GlobalAveragePool");
    assertEquals(0, good.code(), good::toString);
    assertTrue(good.out().contains("correct"), good.out());
    Cli bad = check("Frobnicate");
    assertEquals(1, bad.code(), bad::toString);
    assertTrue(bad.out().contains("Frobnicate 'only': no such operator in set 13"), bad.out());
    Cli.run("onnx", "check", folder.resolve("none.onnx").toString()).refused("no such file");
  }
}
