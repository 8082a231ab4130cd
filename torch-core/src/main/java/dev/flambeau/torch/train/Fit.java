package dev.flambeau.torch.train;

import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.Watcher;
import dev.flambeau.torch.data.DataLoader;
import dev.flambeau.torch.serialize.Safetensors;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One run of the training loop.
 *
 * @param <B> a batch
 */
final class Fit<B> {
  private final Trainer<B> trainer;
  private final TrainerOptions options;
  private final DataLoader<B> train;
  private final Optional<DataLoader<B>> validation;
  private final int epochs;
  private final Steps<B> steps;
  private final Progress progress;
  private final Optional<CheckpointFolder> folder;

  /** Of the default generator, before the order of the epoch that runs was drawn. */
  private Tensor atEpochStart;

  private long saved = -1;
  private int savedEpochs;

  /** Tells one callback of something. */
  private interface Event {
    void tell(Callback callback) throws IOException;
  }

  Fit(Trainer<B> trainer, DataLoader<B> train, Optional<DataLoader<B>> validation, int epochs)
      throws IOException {
    if (epochs < 1) {
      throw TorchException.argument("Trainer.fit", "epochs", epochs, "1 or more");
    }
    if (train.size() == 0) {
      throw TorchException.argument("Trainer.fit", "train", "a loader without batches", "some");
    }
    this.trainer = trainer;
    this.options = trainer.options();
    this.train = train;
    this.validation = validation;
    this.epochs = epochs;
    this.steps = new Steps<>(trainer);
    this.progress = new Progress(epochs, train, new Means(options.metrics));
    this.folder =
        options.checkpoints.isPresent()
            ? Optional.of(new CheckpointFolder(options.checkpoints.get()))
            : Optional.empty();
  }

  List<EpochResult> run() throws IOException {
    trainer.optimizer().zeroGrad();
    Optional<Map<String, Object>> resumed =
        folder.isPresent() ? folder.get().resumed() : Optional.empty();
    if (resumed.isPresent()) {
      atEpochStart = new TrainingState<>(trainer, train, validation, progress).load(resumed.get());
      saved = progress.step;
      savedEpochs = progress.history.size();
    }
    boolean within = progress.batch > 0;
    if (!ended()) {
      tell(c -> c.trainingStarts(progress));
    }
    while (!ended()) {
      epoch(within);
      within = false;
    }
    if (folder.isPresent() && (saved != progress.step || savedEpochs != progress.history.size())) {
      save();
    }
    tell(c -> c.trainingDone(progress.history()));
    return progress.history();
  }

  private boolean ended() {
    boolean early = options.stopGoal.isPresent() && tooLong(options.stopGoal.get());
    return progress.epoch >= epochs || progress.stopped || early;
  }

  private boolean tooLong(Goal goal) {
    int done = progress.history.size();
    return done > 0 && done - 1 - goal.best(progress.history) >= options.patience;
  }

  private void epoch(boolean within) throws IOException {
    Iterator<B> batches = within ? continued() : begun();
    trainer.model().train();
    long start = System.nanoTime();
    long before = progress.samplesDone();
    while (batches.hasNext()) {
      step(batches);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    double rate = (progress.samplesDone() - before) / seconds;
    Map<String, Double> metrics = new LinkedHashMap<>(progress.means());
    validation.ifPresent(
        loader ->
            Watcher.range("validation", () -> trainer.evaluate(loader))
                .forEach((name, value) -> metrics.put(TrainerOptions.VALIDATION + name, value)));
    EpochResult result = new EpochResult(progress.epoch(), progress.step, metrics, seconds, rate);
    progress.history.add(result);
    options.afterEpoch.forEach(Runnable::run);
    keepBest();
    tell(c -> c.epochDone(progress, result));
    progress.epoch++;
    progress.batch = 0;
    progress.means.clear();
    if (folder.isPresent() && folder.get().dueAfterEpoch(progress.epoch)) {
      save();
    }
  }

  private Iterator<B> begun() throws IOException {
    tell(c -> c.epochStarts(progress));
    atEpochStart = Generator.getDefault().state();
    return train.iterator();
  }

  /** The rest of an epoch: its order is drawn again, then random numbers go on where they were. */
  private Iterator<B> continued() {
    Tensor now = Generator.getDefault().state();
    Generator.getDefault().setState(atEpochStart);
    Iterator<B> rest = train.iterator(progress.batch);
    Generator.getDefault().setState(now);
    return rest;
  }

  private void step(Iterator<B> batches) throws IOException {
    int parts = (int) Math.min(options.accumulate, train.size() - progress.batch);
    for (int i = 0; i < parts; i++) {
      B batch = Watcher.range("loading", batches::next);
      progress.lastLoss = steps.accumulate(batch, parts, progress.means);
      progress.batch++;
    }
    steps.step();
    progress.step++;
    tell(c -> c.stepDone(progress));
    if (folder.isPresent() && folder.get().dueAfterStep(progress.step)) {
      save();
    }
  }

  private void keepBest() throws IOException {
    if (options.bestGoal.isPresent()
        && options.bestGoal.get().best(progress.history) == progress.history.size() - 1) {
      Safetensors.save(trainer.model().stateDict(), folder.orElseThrow().best());
    }
  }

  private void save() throws IOException {
    Map<String, Object> tree =
        new TrainingState<>(trainer, train, validation, progress).save(atEpochStart);
    folder.orElseThrow().save(progress.step, tree);
    saved = progress.step;
    savedEpochs = progress.history.size();
  }

  private void tell(Event event) throws IOException {
    for (Callback callback : options.callbacks) {
      event.tell(callback);
    }
  }
}
