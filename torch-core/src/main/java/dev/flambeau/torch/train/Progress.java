package dev.flambeau.torch.train;

import dev.flambeau.torch.data.DataLoader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Where training is. */
public final class Progress {
  private final int epochs;
  private final long batches;
  private final int batchSize;
  private final long samples;
  final Means means;
  final List<EpochResult> history = new ArrayList<>();
  int epoch;
  long batch;
  long step;
  double lastLoss = Double.NaN;
  boolean stopped;

  Progress(int epochs, DataLoader<?> loader, Means means) {
    this.epochs = epochs;
    this.batches = loader.size();
    this.batchSize = loader.batchSize();
    this.samples = loader.samples();
    this.means = means;
  }

  /** The epoch that runs, from 1 on. */
  public int epoch() {
    return epoch + 1;
  }

  /** How many epochs there will be. */
  public int epochs() {
    return epochs;
  }

  /** Batches done in this epoch. */
  public long batch() {
    return batch;
  }

  /** Batches in an epoch. */
  public long batches() {
    return batches;
  }

  /** Optimizer steps since the start of training. */
  public long step() {
    return step;
  }

  /** Samples done in this epoch. */
  public long samplesDone() {
    return Math.min(batch * batchSize, samples);
  }

  /** Samples in an epoch. */
  public long samples() {
    return samples;
  }

  /** The loss of the last batch. */
  public double loss() {
    return lastLoss;
  }

  /** Means of loss and metrics in this epoch so far. */
  public Map<String, Double> means() {
    return means.values();
  }

  /** The epochs done. */
  public List<EpochResult> history() {
    return Collections.unmodifiableList(history);
  }

  /** Ends training after the epoch that runs. */
  public void stop() {
    stopped = true;
  }
}
