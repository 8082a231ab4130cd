package dev.flambeau.torch.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A training that is killed again and again ends with the weights of one that is not. */
class KillTest {
  private static final int KILLS = 4;
  private static final int STEPS = 12 * 7;

  @TempDir Path folder;

  private Process start(String checkpoints) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx256m",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            KillableTraining.class.getName(),
            folder.resolve(checkpoints).toString(),
            folder.resolve(checkpoints + ".safetensors").toString())
        .redirectError(folder.resolve("errors").toFile())
        .start();
  }

  /** Lets it run to the end, or kills it a little after a step; returns what it said. */
  private List<String> run(String checkpoints, int killAfterSteps, long thenNanos)
      throws IOException, InterruptedException {
    Process process = start(checkpoints);
    List<String> said = new ArrayList<>();
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        said.add(line);
        if (killAfterSteps > 0 && said.size() == 1 + killAfterSteps) {
          TimeUnit.NANOSECONDS.sleep(thenNanos);
          process.toHandle().destroyForcibly();
        }
      }
    }
    int code = process.waitFor();
    if (killAfterSteps == 0) {
      assertEquals(0, code, Files.readString(folder.resolve("errors")));
    } else {
      assertFalse(
          Files.exists(folder.resolve(checkpoints + ".safetensors")), "it ended before the kill");
    }
    return said;
  }

  @Test
  @Timeout(value = 120)
  void killedTrainingEndsWithTheSameWeights() throws IOException, InterruptedException {
    List<String> whole = run("whole", 0, 0);
    assertEquals("step " + STEPS, whole.getLast());

    long seed = System.nanoTime();
    Random random = new Random(seed);
    System.out.println("kills drawn from seed " + seed);
    List<String> starts = new ArrayList<>();
    for (int i = 0; i < KILLS; i++) {
      // Short of the end together, so that every kill hits a running training.
      List<String> said = run("killed", 3 + random.nextInt(8), random.nextInt(8_000_000));
      starts.add(said.getFirst());
    }
    List<String> rest = run("killed", 0, 0);
    starts.add(rest.getFirst());
    System.out.println("went on " + starts);

    assertEquals("from 0", starts.getFirst());
    for (int i = 1; i < starts.size(); i++) {
      assertTrue(number(starts.get(i)) > number(starts.get(i - 1)), starts.toString());
    }
    assertEquals("step " + STEPS, rest.getLast());
    for (String file : new String[] {"%s.safetensors", "%s/" + Trainer.BEST}) {
      assertArrayEquals(
          Files.readAllBytes(folder.resolve(file.formatted("whole"))),
          Files.readAllBytes(folder.resolve(file.formatted("killed"))),
          file + " differs; kills drawn from seed " + seed);
    }
    try (Stream<Path> files = Files.list(folder.resolve("killed"))) {
      assertEquals(3, files.count(), "two checkpoints, the best weights and no part of a file");
    }
  }

  private static int number(String start) {
    return Integer.parseInt(start.substring("from ".length()));
  }
}
