package dev.flambeau.torch.backend.cpu;

import java.util.stream.IntStream;

/**
 * Splits loops over the processors, on the common pool. A part is worth 32,768 simple element
 * operations at least: waking a thread costs some 10 us.
 */
final class Parallel {
  private static final long GRAIN = 1 << 15;
  private static final int THREADS =
      Integer.getInteger("flambeau.threads", Runtime.getRuntime().availableProcessors());

  /** Part {@code from} (inclusive) to {@code to} (exclusive) of a loop. */
  @FunctionalInterface
  interface Range {
    void run(long from, long to);
  }

  private Parallel() {}

  /** Runs all of {@code count} iterations, each costing {@code cost} element operations. */
  static void run(long count, long cost, Range body) {
    long parts = Math.min(Math.min(THREADS, count), count * cost / GRAIN);
    if (parts <= 1) {
      body.run(0, count);
      return;
    }
    IntStream.range(0, (int) parts)
        .parallel()
        .forEach(p -> body.run(count * p / parts, count * (p + 1) / parts));
  }
}
