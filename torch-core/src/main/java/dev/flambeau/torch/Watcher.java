package dev.flambeau.torch;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Somebody who is told what runs, on all threads, and how memory comes and goes: the profiler.
 * There is one at most; without one, a call costs no more than asking for it.
 */
public abstract class Watcher {
  private static final AtomicReference<Watcher> CURRENT = new AtomicReference<>();
  private static final Tensor[] NONE = {};

  /** What a span of time was spent on. */
  public enum Kind {
    /** A call of an operator. */
    OPERATOR,
    /** The gradients of one recorded call, or a whole backward. */
    BACKWARD,
    /** What somebody gave a name. */
    RANGE
  }

  protected Watcher() {}

  /** Who watches now, or null. */
  public static Watcher current() {
    return CURRENT.get();
  }

  /** Runs {@code body} as a range of that name if somebody watches. */
  public static <T> T range(String name, Supplier<T> body) {
    Watcher watcher = CURRENT.get();
    return watcher == null ? body.get() : watcher.watch(Kind.RANGE, name, NONE, body);
  }

  /** The same without a result. */
  public static void range(String name, Runnable body) {
    Watcher watcher = CURRENT.get();
    if (watcher == null) {
      body.run();
    } else {
      watcher.run(Kind.RANGE, name, NONE, body);
    }
  }

  /** Starts watching; false if somebody else does. */
  protected final boolean begin() {
    return CURRENT.compareAndSet(null, this);
  }

  /** Stops watching. */
  protected final void end() {
    CURRENT.compareAndSet(this, null);
  }

  /** Runs {@code body} and notes how long it took, also if it fails. */
  public abstract <T> T watch(Kind kind, String name, Tensor[] inputs, Supplier<T> body);

  /** The same without a result. */
  public final void run(Kind kind, String name, Tensor[] inputs, Runnable body) {
    watch(
        kind,
        name,
        inputs,
        () -> {
          body.run();
          return null;
        });
  }

  /** Told of {@code bytes} that this thread got, or, if negative, gave back. */
  public abstract void memory(long bytes);
}
