package dev.flambeau.torch.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.backend.cpu.onednn.OneDnn;
import dev.flambeau.torch.conformance.CaseResult.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A machine without native libraries, or a JVM without the Vector API: all of PyTorch's samples
 * pass in plain Java. Each in a process of its own, with the option where a user would set it.
 */
class PlainJavaTest {
  @TempDir Path folder;

  /** Runs all samples of a folder in this process and prints the counts. */
  static final class Samples {
    private Samples() {}

    public static void main(String[] args) throws IOException {
      System.out.println("oneDNN: " + OneDnn.missing());
      long[] n = new long[3];
      for (Path file : ConformanceRunner.files(Path.of(args[0]))) {
        FileResult result = ConformanceRunner.run(file);
        System.out.print(result.failures());
        Arrays.setAll(n, i -> n[i] + result.count(Outcome.values()[i]));
      }
      System.out.printf("%n%d passed, %d failed%n", n[0], n[1]);
    }
  }

  private void passes(String... flags) throws IOException, InterruptedException {
    Path samples = Pack.folder("ops").toAbsolutePath();
    Path output = folder.resolve("output");
    String[] command = {
      Path.of(System.getProperty("java.home"), "bin", "java").toString(),
      "--enable-native-access=ALL-UNNAMED",
      "-XX:TieredStopAtLevel=1",
      "-Xmx2g",
      "-Xss8m",
      "-cp",
      System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
    };
    String[] all = Arrays.copyOf(command, command.length + 2);
    all[command.length] = Samples.class.getName();
    all[command.length + 1] = samples.toString();
    ProcessBuilder builder =
        new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("JAVA_TOOL_OPTIONS", String.join(" ", flags));
    Process process = builder.start();
    boolean ended = process.waitFor(5, TimeUnit.MINUTES);
    process.destroyForcibly();
    String text = Files.readString(output);
    assertTrue(ended, "still running after 5 minutes: " + text);
    assertEquals(0, process.exitValue(), text);
    String last = text.strip().lines().reduce((_, b) -> b).orElse("");
    System.out.println(String.join(" ", flags) + ": " + last);
    assertTrue(last.endsWith(" passed, 0 failed"), text);
    if (Arrays.asList(flags).contains("-Dflambeau.natives=off")) {
      assertTrue(text.contains("oneDNN: Optional[switched off"), text);
    }
  }

  @Test
  void withoutNativeLibrariesAndVectors() throws IOException, InterruptedException {
    passes("-Dflambeau.natives=off");
  }

  @Test
  void withoutVectors() throws IOException, InterruptedException {
    passes("-Dflambeau.threads=1");
  }
}
