package dev.flambeau.torch.data;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.OptionalLong;

/**
 * Samples at random, all of them once or some with replacement. PyTorch: {@code
 * torch.utils.data.RandomSampler}.
 *
 * @param samples of the dataset
 * @param replacement whether a sample may come several times
 * @param size of an epoch, 1 or more
 * @param seed makes the orders of all epochs its function; else the default generator decides
 */
public record RandomSampler(long samples, boolean replacement, long size, OptionalLong seed)
    implements Sampler {
  public RandomSampler {
    if (samples < 1) {
      throw TorchException.argument("RandomSampler", "samples", samples, "1 or more");
    }
    if (size < 1) {
      throw TorchException.argument("RandomSampler", "num_samples", size, "1 or more");
    }
  }

  /** All samples once. */
  public static RandomSampler of(long samples) {
    return new RandomSampler(samples, false, samples, OptionalLong.empty());
  }

  @Override
  public long[] indices(long epoch) {
    Generator generator = Sampler.generator(seed, epoch);
    if (replacement) {
      return Torch.empty(DType.I64, size).random_(0, samples, generator).toLongArray();
    }
    long[] all = new long[Math.toIntExact(size)];
    for (int done = 0; done < size; done += Math.toIntExact(samples)) {
      long[] some = Torch.randperm(samples, generator).toLongArray();
      System.arraycopy(some, 0, all, done, (int) Math.min(samples, size - done));
    }
    return all;
  }
}
