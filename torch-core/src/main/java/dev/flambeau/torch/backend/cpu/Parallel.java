package dev.flambeau.torch.backend.cpu;

import java.util.concurrent.CountedCompleter;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;

/**
 * Splits loops over the processors, on the common pool. The caller begins at once and takes part
 * after part; the others, which wake some 10 to 50 us later, take from what is left. A part is
 * worth 32,768 simple element operations at least.
 */
final class Parallel {
  static final long GRAIN = 1 << 15;

  /** Parts for each thread, so that late ones find work of a fitting size. */
  private static final long PARTS = 4;

  static final int THREADS =
      Integer.getInteger("flambeau.threads", Runtime.getRuntime().availableProcessors());

  /** Part {@code from} (inclusive) to {@code to} (exclusive) of a loop. */
  @FunctionalInterface
  interface Range {
    void run(long from, long to);
  }

  private Parallel() {}

  /** Runs all of {@code count} iterations, each costing {@code cost} element operations. */
  static void run(long count, long cost, Range body) {
    long parts = Math.min(Math.min(PARTS * THREADS, count), count * cost / GRAIN);
    if (parts <= 1 || THREADS == 1) {
      body.run(0, count);
      return;
    }
    new Loop(body, count, parts).invoke();
  }

  /** Runs parts 0 to {@code parts - 1}, each of which is worth a thread. */
  static void split(int parts, IntConsumer body) {
    Range range =
        (from, to) -> {
          for (long p = from; p < to; p++) {
            body.accept((int) p);
          }
        };
    if (parts == 1 || THREADS == 1) {
      range.run(0, parts);
    } else {
      new Loop(range, parts, parts).invoke();
    }
  }

  /** All parts; helpers are its children and end when no part is left. */
  @SuppressWarnings("serial") // Never serialized.
  private static final class Loop extends CountedCompleter<Void> {
    private final Range body;
    private final long count;
    private final long parts;
    private final AtomicLong next = new AtomicLong();

    Loop(Range body, long count, long parts) {
      this.body = body;
      this.count = count;
      this.parts = parts;
    }

    @Override
    public void compute() {
      int helpers = (int) Math.min(THREADS, parts) - 1;
      setPendingCount(helpers);
      for (int i = 0; i < helpers; i++) {
        new Helper(this).fork();
      }
      work();
      tryComplete();
    }

    void work() {
      for (long p = next.getAndIncrement(); p < parts; p = next.getAndIncrement()) {
        body.run(count * p / parts, count * (p + 1) / parts);
      }
    }
  }

  @SuppressWarnings("serial") // Never serialized.
  private static final class Helper extends CountedCompleter<Void> {
    private final Loop loop;

    Helper(Loop loop) {
      super(loop);
      this.loop = loop;
    }

    @Override
    public void compute() {
      loop.work();
      tryComplete();
    }
  }
}
