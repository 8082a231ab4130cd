package dev.flambeau.torch.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How an epoch went.
 *
 * @param epoch its number, from 1 on
 * @param steps optimizer steps since the start of training
 * @param metrics "loss" and the other metrics; on the validation data "val_loss" and so on
 * @param seconds how long the training part took; after a resume, from there on
 * @param samplesPerSecond in the training part
 */
public record EpochResult(
    int epoch, long steps, Map<String, Double> metrics, double seconds, double samplesPerSecond) {
  public EpochResult {
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("epoch", epoch);
    map.put("steps", steps);
    map.put("metrics", metrics);
    map.put("seconds", seconds);
    map.put("samples_per_second", samplesPerSecond);
    return map;
  }

  static EpochResult read(Tree saved) {
    return new EpochResult(
        saved.small("epoch"),
        saved.integer("steps"),
        saved.tree("metrics").reals(),
        saved.real("seconds"),
        saved.real("samples_per_second"));
  }
}
