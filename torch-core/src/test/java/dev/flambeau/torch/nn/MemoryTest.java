package dev.flambeau.torch.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.optim.AdamW;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Without a Scope, native memory stays flat: the garbage collector is asked in time. */
class MemoryTest {
  /** {@code -Dflambeau.soak=true} runs 100,000 steps and 1,000,000 accessors. */
  private static final boolean SOAK = Boolean.getBoolean("flambeau.soak");

  private static final int STEPS = SOAK ? 100_000 : 2000;
  private static final int CALLS = SOAK ? 1_000_000 : 50_000;

  @TempDir Path folder;

  private static final class Net extends Module {
    final Conv2d conv = new Conv2d(1, 8, 3, o -> o.padding(1));
    final BatchNorm2d norm = new BatchNorm2d(8);
    final Linear fc = new Linear(8 * 4 * 4, 10);

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = F.maxPool2d(norm.forward(conv.forward(x)).relu(), 2);
      return fc.forward(y.flatten(1));
    }
  }

  /** Trains in this process; prints resident kilobytes after a fifth and at the end. */
  static final class Training {
    private Training() {}

    public static void main(String[] args) throws IOException {
      Torch.manualSeed(0);
      Net net = new Net();
      AdamW optimizer = new AdamW(net.parameters(), o -> o.lr(1e-3));
      Tensor x = Torch.randn(16, 1, 8, 8);
      Tensor y = Torch.randint(0, 10, 16);
      for (int step = 1; step <= STEPS; step++) {
        optimizer.step(() -> F.crossEntropy(net.forward(x), y));
        if (step == STEPS / 5 || step == STEPS) {
          System.out.println("resident " + resident());
        }
      }
    }

    static long resident() throws IOException {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
      throw new IOException("/proc/self/status has no VmRSS");
    }
  }

  /** Reads elements in all ways; prints resident kilobytes after a fifth and at the end. */
  static final class Accessors {
    private Accessors() {}

    public static void main(String[] args) throws IOException {
      Tensor x = Torch.randn(64, 64);
      double sum = 0;
      for (int call = 1; call <= CALLS; call++) {
        int row = call % 64;
        sum += x.get(row, 3).item();
        sum += x.get(row).toFloatArray()[5];
        sum += x.narrow(0, row, 1).sum().item();
        if (call == CALLS / 5 || call == CALLS) {
          System.out.println("resident " + Training.resident());
        }
      }
      if (!Double.isFinite(sum)) {
        throw new IllegalStateException("sum " + sum);
      }
    }
  }

  @Test
  void trainingWithoutScopeStaysFlat() throws IOException, InterruptedException {
    staysFlat(Training.class, STEPS + " steps");
  }

  @Test
  void accessorsWithoutScopeStayFlat() throws IOException, InterruptedException {
    staysFlat(Accessors.class, CALLS + " calls");
  }

  private void staysFlat(Class<?> main, String what) throws IOException, InterruptedException {
    Assumptions.assumeTrue(
        Files.exists(Path.of("/proc/self/status")), "needs /proc to see the memory in use");
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-Dflambeau.memory.limit=1g",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                "-Dflambeau.soak=" + SOAK,
                main.getName())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(SOAK ? 30 : 5, TimeUnit.MINUTES);
    process.destroyForcibly();
    String text = Files.readString(output, StandardCharsets.UTF_8);
    assertTrue(ended, "still running: " + text);
    assertEquals(0, process.exitValue(), text);
    List<Long> resident = new ArrayList<>();
    text.lines()
        .filter(l -> l.startsWith("resident "))
        .forEach(l -> resident.add(Long.parseLong(l.substring("resident ".length()))));
    System.out.println("resident KiB after a fifth and all of " + what + ": " + resident);
    long growth = resident.get(1) - resident.get(0);
    assertTrue(growth < 200_000, "memory grew by " + growth + " KiB");
    assertTrue(resident.get(1) < 1_600_000, "resident " + resident.get(1) + " KiB");
  }
}
