package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.functional.F;

/**
 * In training, whole channels of (N, C, ...) become 0 with probability p, the others are scaled by
 * 1/(1 - p) (Tompson et al. 2015). The batch axis may be missing.
 */
public abstract class ChannelDropout extends Dropout {
  private final int axes;

  ChannelDropout(double p, int axes) {
    super(p);
    this.axes = axes;
  }

  @Override
  public Tensor forward(Tensor input) {
    int rank = input.dim();
    // PyTorch takes three axes of Dropout2d as (N, C, L), where its neighbours take (C, ...).
    boolean single = rank == axes + 1 && axes != 2;
    if (!single && (rank < 2 || rank > axes + 2 || axes != 2 && rank != axes + 2)) {
      throw TorchException.shape(
          getClass().getSimpleName(), "input", input.shape(), axes + 2 + " dimensions");
    }
    return single
        ? F.featureDropout(input.unsqueeze(0), p, isTraining()).squeeze(0)
        : F.featureDropout(input, p, isTraining());
  }
}
