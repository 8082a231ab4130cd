package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.functional.F;
import java.util.function.Consumer;

/** Normalizes each channel, axis 1, over the batch and the other axes (Ioffe and Szegedy 2015). */
public abstract class BatchNorm extends RunningNorm {
  BatchNorm(long features, Consumer<Options> options) {
    super(features, true, options);
  }

  @Override
  public Tensor forward(Tensor input) {
    return normalize(input, false);
  }

  /**
   * {@code forward(input).relu()}; in training the activation takes no pass over memory of its own,
   * forward or backward. Hooks see the input of the activation.
   */
  public Tensor forwardRelu(Tensor input) {
    return isHooked() ? call(input).relu() : normalize(input, true);
  }

  abstract void check(Tensor input);

  private Tensor normalize(Tensor input, boolean relu) {
    check(input);
    Lazy.prepare(this, input, 1);
    boolean tracking = isTraining() && numBatchesTracked.isPresent();
    double part = momentum().orElse(0);
    if (tracking) {
      Tensor count = numBatchesTracked.get();
      Torch.noGrad(() -> count.add_(1));
      part = momentum().orElseGet(() -> 1.0 / count.itemLong());
    }
    return relu
        ? F.batchNormRelu(input, runningMean, runningVar, weight, bias, usesOwn(), part, eps())
        : F.batchNorm(input, runningMean, runningVar, weight, bias, usesOwn(), part, eps());
  }
}
