package dev.flambeau.torch.data;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.OptionalLong;

/**
 * Samples as often as their weights say, to balance classes for example. PyTorch: {@code
 * torch.utils.data.WeightedRandomSampler}.
 */
public final class WeightedRandomSampler implements Sampler {
  private final Tensor weights;
  private final long size;
  private final boolean replacement;
  private final OptionalLong seed;

  /** With replacement, by the default generator. */
  public WeightedRandomSampler(double[] weights, long size) {
    this(weights, size, true, OptionalLong.empty());
  }

  /**
   * @param weights of each sample, 0 or more, not all 0; they need not sum to 1
   * @param size of an epoch; without replacement no more than there are weights above 0
   */
  public WeightedRandomSampler(
      double[] weights, long size, boolean replacement, OptionalLong seed) {
    long possible = 0;
    for (double w : weights) {
      if (!(w >= 0) || Double.isInfinite(w)) {
        throw TorchException.argument("WeightedRandomSampler", "weights", w, "finite, 0 or more");
      }
      possible += w > 0 ? 1 : 0;
    }
    if (possible == 0 || size < 1 || !replacement && size > possible) {
      throw TorchException.argument(
          "WeightedRandomSampler",
          "num_samples",
          size,
          "1 or more, without replacement up to the weights above 0, here " + possible);
    }
    this.weights = Torch.tensor(weights).to(DType.F64);
    this.size = size;
    this.replacement = replacement;
    this.seed = seed;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public long[] indices(long epoch) {
    return weights.multinomial(size, replacement, Sampler.generator(seed, epoch)).toLongArray();
  }
}
