package dev.flambeau.torch.data;

import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.OptionalLong;

/**
 * The part of a dataset that one of several processes reads: every {@code replicas}-th sample,
 * shuffled alike everywhere. PyTorch: {@code torch.utils.data.DistributedSampler}.
 *
 * @param samples of the dataset
 * @param replicas processes
 * @param rank of this one, from 0 on
 * @param seed the same for all processes
 * @param dropLast leaves samples out so that all parts are of one size; else some are repeated
 */
public record DistributedSampler(
    long samples, int replicas, int rank, boolean shuffle, long seed, boolean dropLast)
    implements Sampler {
  public DistributedSampler {
    if (replicas < 1 || rank < 0 || rank >= replicas) {
      throw TorchException.argument(
          "DistributedSampler", "rank", rank + " of " + replicas, "0 to replicas - 1");
    }
    if (samples < 1) {
      throw TorchException.argument("DistributedSampler", "samples", samples, "1 or more");
    }
  }

  @Override
  public long size() {
    return dropLast && samples % replicas != 0
        ? samples / replicas
        : Math.ceilDiv(samples, replicas);
  }

  @Override
  public long[] indices(long epoch) {
    long[] order =
        shuffle
            ? Torch.randperm(samples, Sampler.generator(OptionalLong.of(seed), epoch)).toLongArray()
            : null;
    long[] own = new long[Math.toIntExact(size())];
    for (int i = 0; i < own.length; i++) {
      long at = ((long) i * replicas + rank) % samples;
      own[i] = order == null ? at : order[(int) at];
    }
    return own;
  }
}
