package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import java.util.function.Consumer;

/**
 * Normalizes each channel of each member of the batch (Ulyanov et al. 2016); without weight, bias
 * and running statistics unless the options ask for them. The batch axis may lack.
 */
public abstract class InstanceNorm extends RunningNorm {
  private final int axes;

  InstanceNorm(long features, int axes, boolean lazy, Consumer<Options> options) {
    // PyTorch's lazy classes have the defaults of batch norms.
    super(features, lazy, options);
    this.axes = axes;
  }

  @Override
  public Tensor forward(Tensor input) {
    requireRank(input, axes + 1, axes + 2);
    Lazy.prepare(this, input, input.dim() - axes - 1);
    boolean single = input.dim() == axes + 1;
    if (weight.isPresent() || runningMean.isPresent()) {
      requireFeatures(input, single ? 0 : 1);
    }
    Tensor x = single ? input.unsqueeze(0) : input;
    Tensor y =
        F.instanceNorm(
            x, runningMean, runningVar, weight, bias, usesOwn(), momentum().orElse(0), eps());
    return single ? y.squeeze(0) : y;
  }
}
