package dev.flambeau.torch.train;

import dev.flambeau.torch.TorchException;
import java.io.PrintStream;
import java.util.Locale;

/**
 * A line that fills up: rate, loss and the time that remains. Redrawn ten times a second on a
 * terminal, else printed once at the end.
 */
public final class ProgressBar {
  private static final int WIDTH = 30;
  private static final long INTERVAL = 100_000_000L;

  private final PrintStream out;
  private final boolean terminal;
  private final String title;
  private final String unit;
  private final long total;
  private final long first;
  private final long start = System.nanoTime();
  private long shown = start;

  /** From nothing to {@code total} of what {@code unit} names, such as "pictures". */
  public ProgressBar(PrintStream out, String title, String unit, long total) {
    this(out, title, unit, total, 0);
  }

  /**
   * The same.
   *
   * @param first how many were done before, which the rate does not count
   */
  public ProgressBar(PrintStream out, String title, String unit, long total, long first) {
    this(out, System.console() != null && System.console().isTerminal(), title, unit, total, first);
  }

  ProgressBar(
      PrintStream out, boolean terminal, String title, String unit, long total, long first) {
    if (total < 1) {
      throw TorchException.argument("ProgressBar", "total", total, "1 or more");
    }
    this.out = out;
    this.terminal = terminal;
    this.title = title;
    this.unit = unit;
    this.total = total;
    this.first = first;
  }

  /** Shows that {@code done} are done with this mean loss. */
  public void update(long done, double loss) {
    long now = System.nanoTime();
    if (terminal && now - shown >= INTERVAL) {
      shown = now;
      out.print("\r" + line(done, loss, now) + "\u001b[K");
      out.flush();
    }
  }

  /** Shows that all are done, and what came of it. */
  public void end(double loss, String result) {
    out.println(
        (terminal ? "\r" : "")
            + line(total, loss, System.nanoTime())
            + (result.isEmpty() ? "" : "  " + result)
            + (terminal ? "\u001b[K" : ""));
  }

  private String line(long done, double loss, long now) {
    double seconds = (now - start) / 1e9;
    int filled = (int) (WIDTH * Math.min(done, total) / total);
    long left = Math.round(seconds * (total - done) / Math.max(done - first, 1));
    String time =
        done < total
            ? String.format(Locale.ROOT, "%d:%02d left", left / 60, left % 60)
            : String.format(Locale.ROOT, "%.1f s", seconds);
    return String.format(
        Locale.ROOT,
        "%s [%s%s] %d/%d  %.0f %s/s  loss %.4f  %s",
        title,
        "#".repeat(filled),
        "-".repeat(WIDTH - filled),
        done,
        total,
        (done - first) / seconds,
        unit,
        loss,
        time);
  }
}
