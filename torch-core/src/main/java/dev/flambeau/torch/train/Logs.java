package dev.flambeau.torch.train;

import dev.flambeau.torch.logging.Chart;
import dev.flambeau.torch.logging.SummaryWriter;
import dev.flambeau.torch.logging.TrainingReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Callbacks that write down how training goes. */
public final class Logs {
  private Logs() {}

  /**
   * Scalars for TensorBoard: "loss/step" at each optimizer step, the metrics and the rate at each
   * epoch. The writer stays open.
   */
  public static Callback tensorBoard(SummaryWriter writer) {
    return new Callback() {
      @Override
      public void stepDone(Progress progress) {
        writer.addScalar("loss/step", progress.loss(), progress.step());
      }

      @Override
      public void epochDone(Progress progress, EpochResult result) {
        result.metrics().forEach((name, value) -> writer.addScalar(name, value, result.epoch()));
        writer.addScalar("samples_per_second", result.samplesPerSecond(), result.epoch());
        writer.flush();
      }
    };
  }

  /**
   * A report as one HTML page after each epoch, with a curve for each metric and the rate.
   *
   * @param hyperparameters shown as a table
   */
  public static Callback report(Path html, String title, Map<String, ?> hyperparameters) {
    return new Callback() {
      @Override
      public void epochDone(Progress progress, EpochResult result) throws IOException {
        TrainingReport report = new TrainingReport(title);
        charts(progress.history()).forEach(report::chart);
        report.table("Hyperparameters", hyperparameters);
        report.table("Epochs", table(progress.history())).save(html);
      }
    };
  }

  /** A chart for each metric, on training and validation data, and one for the rate. */
  public static List<Chart> charts(List<EpochResult> history) {
    double[] epochs = history.stream().mapToDouble(EpochResult::epoch).toArray();
    List<Chart> charts = new ArrayList<>();
    for (String name : names(history)) {
      String validation = TrainerOptions.VALIDATION + name;
      Chart chart = new Chart(name, "epoch", name);
      chart.add("training", epochs, values(history, name));
      if (history.getLast().metrics().containsKey(validation)) {
        chart.add("validation", epochs, values(history, validation));
      }
      charts.add(chart);
    }
    double[] rates = history.stream().mapToDouble(EpochResult::samplesPerSecond).toArray();
    charts.add(
        new Chart("training rate", "epoch", "samples per second").add("training", epochs, rates));
    return charts;
  }

  private static Set<String> names(List<EpochResult> history) {
    Set<String> names = new LinkedHashSet<>(history.getLast().metrics().keySet());
    names.removeIf(
        n ->
            n.startsWith(TrainerOptions.VALIDATION)
                && names.contains(n.substring(TrainerOptions.VALIDATION.length())));
    return names;
  }

  /** NaN where an epoch lacks the metric. */
  private static double[] values(List<EpochResult> history, String name) {
    return history.stream().mapToDouble(e -> e.metrics().getOrDefault(name, Double.NaN)).toArray();
  }

  private static List<List<String>> table(List<EpochResult> history) {
    List<String> names = List.copyOf(history.getLast().metrics().keySet());
    List<List<String>> rows = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of("epoch", "steps"));
    header.addAll(names);
    header.addAll(List.of("seconds", "samples/s"));
    rows.add(header);
    for (EpochResult e : history) {
      List<String> row = new ArrayList<>(List.of(e.epoch() + "", e.steps() + ""));
      for (String name : names) {
        double value = e.metrics().getOrDefault(name, Double.NaN);
        row.add(String.format(Locale.ROOT, "%.5g", value));
      }
      row.add(String.format(Locale.ROOT, "%.1f", e.seconds()));
      row.add(String.format(Locale.ROOT, "%.0f", e.samplesPerSecond()));
      rows.add(row);
    }
    return rows;
  }
}
