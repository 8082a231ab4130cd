package dev.flambeau.zoo;

import java.io.PrintStream;
import java.util.Locale;

/** A line that shows how far a download is; nothing is printed within the first two seconds. */
public final class Progress {
  private static final long QUIET = 2_000_000_000L;
  private static final long INTERVAL = 200_000_000L;
  private static final int WIDTH = 28;

  private final PrintStream out;
  private final boolean terminal;
  private long start;
  private long last;
  private boolean shown;

  /** {@code terminal}: redraw one line; else a line every ten seconds. */
  public Progress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** To standard error. */
  public static Progress console() {
    return new Progress(System.err, System.console() != null && System.console().isTerminal());
  }

  void begin() {
    start = System.nanoTime();
    last = start;
    shown = false;
  }

  /** {@code total}: -1 if unknown. */
  void update(String name, long done, long total) {
    long now = System.nanoTime();
    if (now - start < QUIET || now - last < (terminal ? INTERVAL : 50 * INTERVAL)) {
      return;
    }
    last = now;
    shown = true;
    double seconds = (now - start) / 1e9;
    String rate = String.format(Locale.ROOT, "%.1f MB/s", done / 1e6 / seconds);
    String text;
    if (total > 0) {
      int filled = (int) (WIDTH * done / total);
      text =
          String.format(
              Locale.ROOT,
              "%s [%s%s] %d%% %s, %.0f s left",
              name,
              "#".repeat(filled),
              "-".repeat(WIDTH - filled),
              100 * done / total,
              rate,
              (total - done) * seconds / Math.max(done, 1));
    } else {
      text = String.format(Locale.ROOT, "%s %.1f MB, %s", name, done / 1e6, rate);
    }
    out.print(terminal ? "\r\u001b[K" + text : text + System.lineSeparator());
    out.flush();
  }

  void end() {
    if (shown && terminal) {
      out.print("\r\u001b[K");
      out.flush();
    }
  }
}
