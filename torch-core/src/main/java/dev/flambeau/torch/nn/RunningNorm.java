package dev.flambeau.torch.nn;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.init.Init;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** What norms of channels have: weight and bias, and running statistics for inference. */
public abstract class RunningNorm extends Module {
  public final Optional<Tensor> weight;
  public final Optional<Tensor> bias;
  @Buffer public final Optional<Tensor> runningMean;
  @Buffer public final Optional<Tensor> runningVar;
  @Buffer public final Optional<Tensor> numBatchesTracked;
  private long features;
  private final double eps;
  private OptionalDouble momentum;

  /** Epsilon 1e-5, momentum 0.1; weight and bias, and running statistics, for batch norms. */
  public static final class Options {
    private double eps = 1e-5;
    private OptionalDouble momentum = OptionalDouble.of(0.1);
    private boolean affine;
    private boolean track;

    private Options(boolean on) {
      affine = on;
      track = on;
    }

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

  RunningNorm(long features, boolean on, Consumer<Options> options) {
    Options o = new Options(on);
    options.accept(o);
    if (!(this instanceof LazyModule)) {
      check(features);
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

  private void check(long number) {
    if (number < 1) {
      throw TorchException.argument(
          getClass().getSimpleName(), "num_features", number, "1 or more");
    }
  }

  void initialize(long number) {
    check(number);
    features = number;
    weight.ifPresent(w -> w.setData(Init.ones_(Lazy.resized(w, 0, number))));
    bias.ifPresent(b -> b.setData(Init.zeros_(Lazy.resized(b, 0, number))));
    runningMean.ifPresent(m -> m.setData(Init.zeros_(Lazy.resized(m, 0, number))));
    runningVar.ifPresent(v -> v.setData(Init.ones_(Lazy.resized(v, 0, number))));
  }

  boolean hasFeatures() {
    return features > 0;
  }

  static OptionalLong featuresIn(Map<String, Tensor> state) {
    return Lazy.size(state, state.containsKey("weight") ? "weight" : "running_mean", 0, 1);
  }

  /** Added to the variance. */
  public double eps() {
    return eps;
  }

  /** Part of a batch in the new running statistics; empty for the plain mean of all batches. */
  public OptionalDouble momentum() {
    return momentum;
  }

  /** Changes the same. */
  public void momentum(OptionalDouble value) {
    momentum = value;
  }

  /** Forgets all batches: mean 0, variance 1. PyTorch: {@code reset_running_stats}. */
  public void resetRunningStats() {
    Torch.noGrad(
        () -> {
          runningMean.ifPresent(Tensor::zero_);
          runningVar.ifPresent(v -> v.fill_(1));
          numBatchesTracked.ifPresent(Tensor::zero_);
        });
  }

  /** The batch's statistics count: in training, or where no others are kept. */
  boolean usesOwn() {
    return isTraining() || runningMean.isEmpty();
  }

  void requireRank(Tensor input, int least, int most) {
    if (input.dim() < least || input.dim() > most) {
      throw TorchException.shape(
          getClass().getSimpleName(),
          "input",
          input.shape(),
          least == most ? least + " dimensions" : least + " to " + most + " dimensions");
    }
  }

  void requireFeatures(Tensor input, int axis) {
    if (input.size(axis) != features) {
      throw TorchException.shape(
          getClass().getSimpleName(),
          "input",
          input.shape(),
          "a size of " + features + " of axis " + axis);
    }
  }

  @Override
  protected String describe() {
    return features
        + ", eps="
        + Kernels.text(eps)
        + ", momentum="
        + (momentum.isPresent() ? Kernels.text(momentum.getAsDouble()) : "None")
        + ", affine="
        + Kernels.text(weight.isPresent())
        + ", track_running_stats="
        + Kernels.text(runningMean.isPresent());
  }
}
