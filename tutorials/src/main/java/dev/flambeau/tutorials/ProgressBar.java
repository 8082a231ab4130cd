package dev.flambeau.tutorials;

import java.io.PrintStream;
import java.util.Locale;

/** A line that fills up: rate, loss and time that remains. Redrawn on a terminal, else once. */
final class ProgressBar {
  private static final int WIDTH = 30;
  private static final long INTERVAL = 100_000_000L;

  private final PrintStream out;
  private final boolean terminal = System.console() != null && System.console().isTerminal();
  private final String title;
  private final long total;
  private final long start = System.nanoTime();
  private long shown = start;

  ProgressBar(PrintStream out, String title, long total) {
    this.out = out;
    this.title = title;
    this.total = total;
  }

  void update(long done, double loss) {
    long now = System.nanoTime();
    if (terminal && now - shown >= INTERVAL) {
      shown = now;
      out.print("\r" + line(done, loss, now) + "\u001b[K");
      out.flush();
    }
  }

  void end(double loss, String result) {
    out.println((terminal ? "\r" : "") + line(total, loss, System.nanoTime()) + "  " + result);
  }

  private String line(long done, double loss, long now) {
    double seconds = (now - start) / 1e9;
    int filled = (int) (WIDTH * done / total);
    long left = Math.round(seconds * (total - done) / Math.max(done, 1));
    String time =
        done < total
            ? String.format("%d:%02d left", left / 60, left % 60)
            : String.format(Locale.ROOT, "%.1f s", seconds);
    return String.format(
        Locale.ROOT,
        "%s [%s%s] %d/%d  %.0f pictures/s  loss %.4f  %s",
        title,
        "#".repeat(filled),
        "-".repeat(WIDTH - filled),
        done,
        total,
        done / seconds,
        loss,
        time);
  }
}
