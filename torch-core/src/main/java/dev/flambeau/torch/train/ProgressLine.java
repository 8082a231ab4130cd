package dev.flambeau.torch.train;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A progress bar for each epoch, with the metrics at its end. */
final class ProgressLine implements Callback {
  private final PrintStream out;
  private ProgressBar bar;

  ProgressLine(PrintStream out) {
    this.out = out;
  }

  @Override
  public void trainingStarts(Progress p) {
    begin(p);
  }

  @Override
  public void epochStarts(Progress p) {
    begin(p);
  }

  private void begin(Progress p) {
    String title = "epoch " + p.epoch() + "/" + p.epochs();
    bar = new ProgressBar(out, title, "samples", p.samples(), p.samplesDone());
  }

  @Override
  public void stepDone(Progress p) {
    bar.update(p.samplesDone(), p.means().get(TrainerOptions.LOSS));
  }

  @Override
  public void epochDone(Progress p, EpochResult result) {
    Map<String, Double> metrics = result.metrics();
    String others =
        metrics.entrySet().stream()
            .filter(e -> !e.getKey().equals(TrainerOptions.LOSS))
            .map(e -> String.format(Locale.ROOT, "%s %.4f", e.getKey(), e.getValue()))
            .collect(Collectors.joining("  "));
    bar.end(metrics.get(TrainerOptions.LOSS), others);
  }
}
