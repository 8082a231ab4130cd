package dev.flambeau.torch.data;

import dev.flambeau.torch.Mode;
import java.lang.ref.Cleaner;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Reads batches ahead on daemon threads and hands them out in order. The threads end with the last
 * batch, with an error, or, when iteration is given up, once this iterator is garbage: what they
 * run does not refer to it.
 */
final class PrefetchIterator<B> implements Iterator<B> {
  private static final Cleaner CLEANER = Cleaner.create();

  private final BatchSource<B> source;
  private final BatchOrder order;
  private final ExecutorService workers;
  private final Cleaner.Cleanable shutdown;
  private final ArrayDeque<Future<B>> ahead = new ArrayDeque<>();
  private final Mode mode = Mode.current();
  private long submitted;

  PrefetchIterator(BatchSource<B> source, BatchOrder order, long first, int threads, int prefetch) {
    this.source = source;
    this.order = order;
    this.submitted = first;
    ExecutorService pool =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("data-loader-", 0).factory());
    this.workers = pool;
    this.shutdown = CLEANER.register(this, pool::shutdownNow);
    for (long i = 0; i < (long) threads * prefetch; i++) {
      submit();
    }
    endWhenDone();
  }

  private void submit() {
    if (submitted < order.batches()) {
      ahead.add(task(workers, source, order.indices(submitted++), mode));
    }
  }

  private static <B> Future<B> task(
      ExecutorService workers, BatchSource<B> source, long[] indices, Mode mode) {
    return workers.submit(() -> mode.call(() -> source.read(indices)));
  }

  private void endWhenDone() {
    if (submitted == order.batches()) {
      workers.shutdown();
    }
  }

  @Override
  public boolean hasNext() {
    return !ahead.isEmpty();
  }

  @Override
  public B next() {
    if (ahead.isEmpty()) {
      throw new NoSuchElementException();
    }
    try {
      B batch = ahead.poll().get();
      submit();
      endWhenDone();
      return batch;
    } catch (ExecutionException e) {
      stop();
      switch (e.getCause()) {
        case RuntimeException cause -> {
          // The reader's own trace leads to the sample, this one to the loop that asked.
          cause.addSuppressed(new IllegalStateException("while waiting for a data loader worker"));
          throw cause;
        }
        case Error cause -> throw cause;
        case Throwable cause -> throw new IllegalStateException(cause);
      }
    } catch (InterruptedException e) {
      stop();
      Thread.currentThread().interrupt();
      CancellationException cancelled =
          new CancellationException("interrupted while waiting for a data loader worker");
      cancelled.initCause(e);
      throw cancelled;
    }
  }

  private void stop() {
    ahead.clear();
    shutdown.clean();
  }
}
