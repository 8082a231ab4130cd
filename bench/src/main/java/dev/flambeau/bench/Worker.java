package dev.flambeau.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The main class of a child process: makes one contender and does as many steps as each line on
 * standard input says, until that ends.
 */
final class Worker {
  static final String READY = "ready";
  static final String STEP = "step";

  private Worker() {}

  /** Compute threads of this process: the {@code OMP_NUM_THREADS} its parent gave it. */
  static int threads() {
    return Integer.parseInt(System.getenv("OMP_NUM_THREADS"));
  }

  public static void main(String[] args) throws IOException {
    // Native libraries may print too: what is ours is marked, the parent passes on the rest.
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    var task = Task.valueOf(args[0]);
    var contender = Side.valueOf(args[1]).create(task);
    out.println(READY + " " + contender.parameters() + " " + contender.description());
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      for (int steps = Integer.parseInt(line); steps > 0; steps--) {
        long start = System.nanoTime();
        double check = contender.step();
        out.println(STEP + " " + (System.nanoTime() - start) + " " + check);
      }
    }
  }
}
