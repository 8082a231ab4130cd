package dev.flambeau.torch.nn;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.functional.F;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/** Normalizes each channel, axis 1, over the batch and the other axes (Ioffe and Szegedy 2015). */
public abstract class BatchNorm extends Module {
  public final Optional<Tensor> weight;
  public final Optional<Tensor> bias;
  @Buffer public final Optional<Tensor> runningMean;
  @Buffer public final Optional<Tensor> runningVar;
  @Buffer public final Optional<Tensor> numBatchesTracked;
  private final long features;
  private final double eps;
  private final OptionalDouble momentum;

  /** Epsilon 1e-5, momentum 0.1, with weight and bias, with running statistics. */
  public static final class Options {
    private double eps = 1e-5;
    private OptionalDouble momentum = OptionalDouble.of(0.1);
    private boolean affine = true;
    private boolean track = true;

    Options() {}

    /** Added to the variance. */
    public Options eps(double value) {
      eps = value;
      return this;
    }

    /** Part of a batch in the new running statistics. */
    public Options momentum(double value) {
      momentum = OptionalDouble.of(value);
      return this;
    }

    /** Running statistics are the plain mean over all batches; PyTorch: momentum None. */
    public Options cumulativeMomentum() {
      momentum = OptionalDouble.empty();
      return this;
    }

    /** Whether there are a weight and a bias to train. */
    public Options affine(boolean on) {
      affine = on;
      return this;
    }

    /** Whether statistics are kept for inference; else every batch is normalized by its own. */
    public Options trackRunningStats(boolean on) {
      track = on;
      return this;
    }
  }

  BatchNorm(long features, Consumer<Options> options) {
    Options o = new Options();
    options.accept(o);
    if (features < 1) {
      throw TorchException.argument("BatchNorm", "num_features", features, "1 or more");
    }
    this.features = features;
    this.eps = o.eps;
    this.momentum = o.momentum;
    this.weight = o.affine ? Optional.of(parameter(Torch.ones(features))) : Optional.empty();
    this.bias = o.affine ? Optional.of(parameter(Torch.zeros(features))) : Optional.empty();
    this.runningMean = o.track ? Optional.of(Torch.zeros(features)) : Optional.empty();
    this.runningVar = o.track ? Optional.of(Torch.ones(features)) : Optional.empty();
    this.numBatchesTracked = o.track ? Optional.of(Torch.zeros(DType.I64)) : Optional.empty();
  }

  /** Added to the variance. */
  public double eps() {
    return eps;
  }

  void requireRank(Tensor input, int least, int most) {
    if (input.dim() < least || input.dim() > most) {
      throw TorchException.shape(
          getClass().getSimpleName(),
          "input",
          input.shape(),
          least + " to " + most + " dimensions");
    }
  }

  @Override
  public Tensor forward(Tensor input) {
    return normalize(input, false);
  }

  /**
   * {@code forward(input).relu()}; in training the activation takes no pass over memory of its own,
   * forward or backward.
   */
  public Tensor forwardRelu(Tensor input) {
    return normalize(input, true);
  }

  void check(Tensor input) {}

  private Tensor normalize(Tensor input, boolean relu) {
    check(input);
    boolean tracking = isTraining() && numBatchesTracked.isPresent();
    double part = momentum.orElse(0);
    if (tracking) {
      Tensor count = numBatchesTracked.get();
      Torch.noGrad(() -> count.add_(1));
      part = momentum.orElseGet(() -> 1.0 / count.itemLong());
    }
    boolean batch = isTraining() || runningMean.isEmpty();
    return relu
        ? F.batchNormRelu(input, runningMean, runningVar, weight, bias, batch, part, eps)
        : F.batchNorm(input, runningMean, runningVar, weight, bias, batch, part, eps);
  }

  @Override
  protected String describe() {
    return features
        + ", eps="
        + (eps == 1e-5 ? "1e-05" : String.valueOf(eps))
        + ", momentum="
        + (momentum.isPresent() ? String.valueOf(momentum.getAsDouble()) : "None")
        + ", affine="
        + (weight.isPresent() ? "True" : "False")
        + ", track_running_stats="
        + (runningMean.isPresent() ? "True" : "False");
  }
}
