package dev.flambeau.torch.train;

import java.util.LinkedHashMap;
import java.util.Map;

/** Running means over samples. */
final class Means {
  private final Map<String, Metric> metrics;
  private final Map<String, Double> sums = new LinkedHashMap<>();
  private long samples;

  Means(Map<String, Metric> metrics) {
    this.metrics = metrics;
    clear();
  }

  void clear() {
    samples = 0;
    sums.clear();
    sums.put(TrainerOptions.LOSS, 0.0);
    metrics.keySet().forEach(name -> sums.put(name, 0.0));
  }

  void add(Outcome batch) {
    long n = batch.samples();
    sums.merge(TrainerOptions.LOSS, batch.loss().item() * n, Double::sum);
    metrics.forEach((name, metric) -> sums.merge(name, metric.of(batch) * n, Double::sum));
    samples += n;
  }

  long samples() {
    return samples;
  }

  /** The means so far; NaN before the first batch. */
  Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    sums.forEach((name, sum) -> values.put(name, sum / samples));
    return values;
  }

  Map<String, Object> stateDict() {
    return Map.of("samples", samples, "sums", Map.copyOf(sums));
  }

  void loadStateDict(Tree state) {
    samples = state.integer("samples");
    Map<String, Double> saved = state.tree("sums").reals();
    // What was not measured before starts late; better than to refuse the checkpoint.
    sums.replaceAll((name, zero) -> saved.getOrDefault(name, zero));
  }
}
