package dev.flambeau.bench;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Runs libtorch and Flambeau on each {@link Operation}, turn by turn, and prints one table. */
final class OperatorBench {
  private static final int ROUNDS = 11;

  /** Of a turn. */
  private static final int MILLISECONDS = 60;

  /** Turns that do not count: the second compiler has seen enough calls after one second. */
  private static final int WARMUP = 1000;

  private static final double TOLERANCE = 2e-3;

  private record Turn(double nanos, double check) {}

  private OperatorBench() {}

  static void run(List<Operation> operations, int threads) throws IOException {
    var peer = Side.LIBTORCH_CONTIGUOUS;
    var own = Side.FLAMBEAU;
    try (var theirs =
            new Child("libtorch", threads, peer.jvmFlags, OperatorWorker.class, peer.name());
        var ours = new Child("Flambeau", threads, own.jvmFlags, OperatorWorker.class, own.name())) {
      System.out.printf(
          "%nOperators, %d threads, median of %d turns%n%-44s %12s %12s %6s %6s%n",
          threads, ROUNDS, "", "libtorch us", "Flambeau us", "ratio", "aim");
      for (var operation : operations) {
        System.out.println(line(operation, theirs, ours));
      }
    }
  }

  private static String line(Operation operation, Child theirs, Child ours) throws IOException {
    double wanted = turn(theirs, operation, WARMUP).check();
    double got = turn(ours, operation, WARMUP).check();
    if (!(Math.abs(got - wanted) <= TOLERANCE * Math.abs(wanted))) {
      throw new IllegalStateException(
          operation.title + ": the mean is " + got + ", where libtorch has " + wanted);
    }
    double[] peer = new double[ROUNDS];
    double[] own = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      peer[i] = turn(theirs, operation, MILLISECONDS).nanos();
      own[i] = turn(ours, operation, MILLISECONDS).nanos();
    }
    return String.format(
        Locale.ROOT,
        "%-44s %12.2f %12.2f %6.2f %6.1f",
        operation.title,
        median(peer) / 1e3,
        median(own) / 1e3,
        median(own) / median(peer),
        operation.aim);
  }

  private static Turn turn(Child child, Operation operation, int milliseconds) throws IOException {
    child.tell(operation.name() + " " + milliseconds);
    var fields = child.next(OperatorWorker.DONE).split(" ");
    return new Turn(Double.parseDouble(fields[0]), Double.parseDouble(fields[1]));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
