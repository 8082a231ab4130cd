package dev.flambeau.torch.train;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.data.DataLoader;
import dev.flambeau.torch.data.Example;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.optim.Optimizer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;

/**
 * The plain training loop with what gathers around it: metrics, validation, accumulation and
 * clipping of gradients, checkpoints, early stopping. A training that was ended at any moment, also
 * by force, goes on from its newest checkpoint to the very weights it would have reached: model,
 * optimizer, random numbers, the loaders' orders and positions and the sums of the metrics are part
 * of it. What the dataset or callbacks remember is not, unless given as {@link
 * TrainerOptions#state}.
 *
 * @param <B> a batch
 */
public final class Trainer<B> {
  /** The file with the weights of the best epoch. */
  public static final String BEST = "best.safetensors";

  private final Module model;
  private final Objective<B> objective;
  private final Optimizer<?> optimizer;
  private final TrainerOptions options = new TrainerOptions();

  /** Minimizes any objective; {@code model} is what is saved and put into training mode. */
  public Trainer(
      Module model,
      Objective<B> objective,
      Optimizer<?> optimizer,
      Consumer<TrainerOptions> options) {
    this.model = model;
    this.objective = objective;
    this.optimizer = optimizer;
    options.accept(this.options);
    if (this.options.bestGoal.isPresent() && this.options.checkpoints.isEmpty()) {
      throw TorchException.argument("Trainer", "keepBest", "no folder", "with checkpoints(folder)");
    }
  }

  /** Minimizes the mean loss of the model's outputs and the targets of examples. */
  public static Trainer<Example> supervised(
      Module model,
      BinaryOperator<Tensor> loss,
      Optimizer<?> optimizer,
      Consumer<TrainerOptions> options) {
    return new Trainer<>(
        model,
        batch -> {
          Tensor output = model.call(batch.input());
          return Outcome.of(loss.apply(output, batch.target()), output, batch.target());
        },
        optimizer,
        options);
  }

  /** Trains up to {@code epochs} epochs in all, those before a checkpoint included. */
  public List<EpochResult> fit(DataLoader<B> train, int epochs) throws IOException {
    return new Fit<>(this, train, Optional.empty(), epochs).run();
  }

  /** The same, with metrics on {@code validation} after each epoch. */
  public List<EpochResult> fit(DataLoader<B> train, DataLoader<B> validation, int epochs)
      throws IOException {
    return new Fit<>(this, train, Optional.of(validation), epochs).run();
  }

  /** Means of loss and metrics over a loader's samples, in evaluation mode, without gradients. */
  public Map<String, Double> evaluate(DataLoader<B> loader) {
    boolean training = model.isTraining();
    model.eval();
    Means means = new Means(options.metrics);
    try {
      for (B batch : loader) {
        Steps.scoped(
            options.scoped,
            () -> {
              means.add(Torch.noGrad(() -> options.precision.forward(() -> objective.of(batch))));
              return null;
            });
      }
    } finally {
      model.train(training);
    }
    return means.values();
  }

  Module model() {
    return model;
  }

  Objective<B> objective() {
    return objective;
  }

  Optimizer<?> optimizer() {
    return optimizer;
  }

  TrainerOptions options() {
    return options;
  }
}
