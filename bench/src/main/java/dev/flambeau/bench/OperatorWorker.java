package dev.flambeau.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The main class of a child process for operators. Each line on standard input, an {@link
 * Operation} and a number of milliseconds, is answered with the nanoseconds of one call, as the
 * mean over that time, and the operation's check.
 */
final class OperatorWorker {
  static final String DONE = "done";

  private OperatorWorker() {}

  public static void main(String[] args) throws IOException {
    // Native libraries may print too: what is ours is marked, the parent passes on the rest.
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    boolean peer = args[0].equals(Side.LIBTORCH_CONTIGUOUS.name());
    Operation current = null;
    OperatorCalls calls = null;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      var words = line.split(" ");
      var operation = Operation.valueOf(words[0]);
      if (operation != current) {
        calls = peer ? LibtorchOperators.of(operation) : FlambeauOperators.of(operation);
        current = operation;
      }
      double check = calls.check();
      double nanos = time(calls, Long.parseLong(words[1]) * 1_000_000);
      out.println(DONE + " " + nanos + " " + check);
    }
  }

  /** Doubles the number of calls until they take long enough; the last batch counts. */
  private static double time(OperatorCalls calls, long least) {
    for (int times = 1; ; times *= 2) {
      long start = System.nanoTime();
      calls.repeat(times);
      long nanos = System.nanoTime() - start;
      if (nanos >= least / 2) {
        return (double) nanos / times;
      }
    }
  }
}
