package dev.flambeau.torch.train;

import dev.flambeau.torch.Generator;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.optim.lr.ReduceLROnPlateau;
import dev.flambeau.torch.optim.lr.Scheduler;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How a {@link Trainer} trains. By default an optimizer step for each batch, no clipping, no
 * checkpoints, no output.
 */
public final class TrainerOptions {
  /** The name of the mean loss among the metrics. */
  public static final String LOSS = "loss";

  /** What precedes the names of metrics on validation data. */
  public static final String VALIDATION = "val_";

  final Map<String, Metric> metrics = new LinkedHashMap<>();
  final List<Callback> callbacks = new ArrayList<>();
  final Map<String, Stateful> states = new LinkedHashMap<>();
  final Map<String, Generator> generators = new LinkedHashMap<>();
  final List<Runnable> afterStep = new ArrayList<>();
  final List<Runnable> afterEpoch = new ArrayList<>();
  Precision precision = Precision.FULL;
  Optional<CheckpointOptions> checkpoints = Optional.empty();
  Optional<Goal> stopGoal = Optional.empty();
  Optional<Goal> bestGoal = Optional.empty();
  int patience;
  int accumulate = 1;
  double clipNorm = Double.POSITIVE_INFINITY;
  double clipValue = Double.POSITIVE_INFINITY;
  boolean scoped = true;

  /** Where and how often to save. */
  public static final class CheckpointOptions {
    final Path folder;
    long everySteps;
    int everyEpochs = 1;
    int keep = 2;
    boolean resume;

    CheckpointOptions(Path folder) {
      this.folder = folder;
    }

    /** Saves after each {@code steps} optimizer steps, 1 or more; not by default. */
    public CheckpointOptions everySteps(long steps) {
      everySteps = positive("every_steps", steps);
      return this;
    }

    /** Saves after each {@code epochs} epochs, 1 by default, and after the last. */
    public CheckpointOptions everyEpochs(int epochs) {
      everyEpochs = (int) positive("every_epochs", epochs);
      return this;
    }

    /** How many of the newest checkpoints to keep, 2 by default. */
    public CheckpointOptions keep(int newest) {
      keep = (int) positive("keep", newest);
      return this;
    }

    /**
     * Goes on from the newest checkpoint in the folder, if there is one. By default a folder with
     * checkpoints is refused.
     */
    public CheckpointOptions resume(boolean on) {
      resume = on;
      return this;
    }
  }

  TrainerOptions() {}

  private static long positive(String name, long value) {
    if (value < 1) {
      throw TorchException.argument("Trainer", name, value, "1 or more");
    }
    return value;
  }

  /** Measures this too, on training and validation data. */
  public TrainerOptions metric(String name, Metric metric) {
    if (name.equals(LOSS) || metrics.putIfAbsent(name, metric) != null) {
      throw TorchException.argument("Trainer", "metric", name, "a name not used yet");
    }
    return this;
  }

  /** Tells {@code callback} how training goes on. */
  public TrainerOptions callback(Callback callback) {
    callbacks.add(callback);
    return this;
  }

  /** Draws a progress bar with loss, rate and remaining time. */
  public TrainerOptions progress(PrintStream out) {
    return callback(new ProgressLine(out));
  }

  /** Adds the gradients of so many batches up to one optimizer step; of their mean loss. */
  public TrainerOptions accumulate(int batches) {
    accumulate = (int) positive("accumulate", batches);
    return this;
  }

  /** Scales gradients down to this norm over all parameters. */
  public TrainerOptions clipGradNorm(double norm) {
    clipNorm = above0("clip_grad_norm", norm);
    return this;
  }

  /** Limits each element of the gradients to -value .. value. */
  public TrainerOptions clipGradValue(double value) {
    clipValue = above0("clip_grad_value", value);
    return this;
  }

  private static double above0(String name, double value) {
    if (!(value > 0)) {
      throw TorchException.argument("Trainer", name, value, "above 0");
    }
    return value;
  }

  /** Computes in this precision. Its state is part of checkpoints. */
  public TrainerOptions precision(Precision other) {
    precision = other;
    return this;
  }

  /** Lets a scheduler set the rates after each optimizer step; it is part of checkpoints. */
  public TrainerOptions scheduleSteps(Scheduler scheduler) {
    return everyStep(scheduler::step).scheduled(scheduler);
  }

  /** Lets a scheduler set the rates after each epoch; it is part of checkpoints. */
  public TrainerOptions scheduleEpochs(Scheduler scheduler) {
    return everyEpoch(scheduler::step).scheduled(scheduler);
  }

  /** Lets the rates fall after epochs that do not better {@code metric}, such as "val_loss". */
  public TrainerOptions scheduleEpochs(ReduceLROnPlateau scheduler, String metric) {
    return callback(new PlateauStep(scheduler, metric)).scheduled(scheduler);
  }

  private TrainerOptions scheduled(Scheduler scheduler) {
    return state(
        "scheduler " + states.size(), Stateful.of(scheduler::stateDict, scheduler::loadStateDict));
  }

  /** Runs {@code step} after each optimizer step. */
  public TrainerOptions everyStep(Runnable step) {
    afterStep.add(step);
    return this;
  }

  /** Runs {@code step} after each epoch. */
  public TrainerOptions everyEpoch(Runnable step) {
    afterEpoch.add(step);
    return this;
  }

  /** Makes this part of checkpoints. */
  public TrainerOptions state(String name, Stateful state) {
    if (states.putIfAbsent(name, state) != null) {
      throw TorchException.argument("Trainer", "state", name, "a name not used yet");
    }
    return this;
  }

  /** Makes where this stream is part of checkpoints, as the default generator is anyway. */
  public TrainerOptions generator(String name, Generator generator) {
    if (generators.putIfAbsent(name, generator) != null) {
      throw TorchException.argument("Trainer", "generator", name, "a name not used yet");
    }
    return this;
  }

  /** Ends training when so many epochs in a row were not better than the best. */
  public TrainerOptions earlyStopping(Goal goal, int epochs) {
    stopGoal = Optional.of(goal);
    patience = (int) positive("patience", epochs);
    return this;
  }

  /** Keeps the weights of the best epoch as {@link Trainer#BEST} in the checkpoints' folder. */
  public TrainerOptions keepBest(Goal goal) {
    bestGoal = Optional.of(goal);
    return this;
  }

  /** Saves all that is needed to go on, once an epoch, into a folder made if needed. */
  public TrainerOptions checkpoints(Path folder) {
    return checkpoints(folder, _ -> {});
  }

  /** The same with options. */
  public TrainerOptions checkpoints(Path folder, Consumer<CheckpointOptions> options) {
    CheckpointOptions made = new CheckpointOptions(folder);
    options.accept(made);
    checkpoints = Optional.of(made);
    return this;
  }

  /**
   * Whether the memory of all that a step made is released at its end, true by default. To be
   * turned off for models whose {@code forward} remembers tensors that it made.
   */
  public TrainerOptions scoped(boolean on) {
    scoped = on;
    return this;
  }
}
