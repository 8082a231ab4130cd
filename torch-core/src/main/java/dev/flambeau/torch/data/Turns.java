package dev.flambeau.torch.data;

import dev.flambeau.torch.Mode;
import java.lang.ref.Cleaner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The batches of several streams in turns, each read ahead on a daemon thread of its own. The
 * threads end with their stream, with an error, or, when iteration is given up, once this iterator
 * is garbage: what they run does not refer to it.
 */
final class Turns<B> implements Iterator<B> {
  private static final Cleaner CLEANER = Cleaner.create();

  /** Makes the batches of one worker; called on that worker's thread. */
  interface Streams<B> {
    Iterator<B> of(int worker, int workers);
  }

  /** One worker: what it reads, its thread, and what is ordered of it. */
  private static final class Stream<B> {
    final ExecutorService thread;
    final Deque<Future<Optional<B>>> ahead = new ArrayDeque<>();
    final Source<B> source;

    Stream(Source<B> source, ExecutorService thread) {
      this.source = source;
      this.thread = thread;
    }

    void order(Mode mode) {
      Source<B> from = source;
      ahead.add(thread.submit(() -> mode.call(from::next)));
    }
  }

  /** A stream that is opened by its first reader; used by one thread. */
  private static final class Source<B> {
    private final Streams<B> streams;
    private final int worker;
    private final int workers;
    private Iterator<B> batches;

    Source(Streams<B> streams, int worker, int workers) {
      this.streams = streams;
      this.worker = worker;
      this.workers = workers;
    }

    Optional<B> next() {
      if (batches == null) {
        batches = streams.of(worker, workers);
      }
      return batches.hasNext() ? Optional.of(batches.next()) : Optional.empty();
    }
  }

  private final Deque<Stream<B>> turns = new ArrayDeque<>();
  private final Mode mode = Mode.current();
  private final Cleaner.Cleanable shutdown;
  private Optional<B> next = Optional.empty();

  Turns(Streams<B> streams, int workers, int prefetch) {
    List<ExecutorService> threads = new ArrayList<>();
    for (int w = 0; w < workers; w++) {
      ExecutorService thread =
          Executors.newSingleThreadExecutor(
              Thread.ofPlatform().daemon().name("stream-loader-" + w).factory());
      threads.add(thread);
      Stream<B> stream = new Stream<>(new Source<>(streams, w, workers), thread);
      turns.add(stream);
      for (int i = 0; i < prefetch; i++) {
        stream.order(mode);
      }
    }
    shutdown = CLEANER.register(this, () -> threads.forEach(ExecutorService::shutdownNow));
  }

  @Override
  public boolean hasNext() {
    while (next.isEmpty() && !turns.isEmpty()) {
      Stream<B> stream = turns.poll();
      next = wait(stream.ahead.poll());
      if (next.isPresent()) {
        stream.order(mode);
        turns.add(stream);
      } else {
        stream.thread.shutdown();
      }
    }
    return next.isPresent();
  }

  private Optional<B> wait(Future<Optional<B>> batch) {
    try {
      return batch.get();
    } catch (ExecutionException e) {
      stop();
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      stop();
      Thread.currentThread().interrupt();
      CancellationException cancelled =
          new CancellationException("interrupted while waiting for a stream loader's worker");
      cancelled.initCause(e);
      throw cancelled;
    }
  }

  private void stop() {
    turns.clear();
    shutdown.clean();
  }

  @Override
  public B next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    B batch = next.orElseThrow();
    next = Optional.empty();
    return batch;
  }
}
