package dev.flambeau.zoo;

import java.io.PrintStream;
import java.util.Locale;

/**
 * A line that shows what a command is doing and for how long; nothing is printed within the first
 * two seconds. On a terminal it is redrawn and taken away at the end, else it is a line every ten
 * seconds.
 */
final class Activity implements AutoCloseable {
  private static final long QUIET = 2_000;
  private static final long INTERVAL = 200;
  private static final long LINES = 10_000;

  private final PrintStream out;
  private final boolean terminal;
  private final Thread thread;
  private volatile String step = "";
  private boolean shown;

  private Activity(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
    this.thread = Thread.ofPlatform().daemon().name("activity").start(this::show);
  }

  /** To standard error. */
  static Activity console() {
    return new Activity(System.err, System.console() != null && System.console().isTerminal());
  }

  /** Says what is being done from now on. */
  void tell(String what) {
    step = what;
  }

  private void show() {
    long start = System.nanoTime();
    try {
      Thread.sleep(QUIET);
      while (true) {
        long seconds = (System.nanoTime() - start) / 1_000_000_000;
        String text = String.format(Locale.ROOT, "%s (%d s)", step, seconds);
        out.print(terminal ? "\r\u001b[K" + text : text + System.lineSeparator());
        out.flush();
        shown = true;
        Thread.sleep(terminal ? INTERVAL : LINES);
      }
    } catch (InterruptedException e) {
      if (shown && terminal) {
        out.print("\r\u001b[K");
        out.flush();
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
