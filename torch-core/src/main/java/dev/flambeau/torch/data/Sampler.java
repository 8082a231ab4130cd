package dev.flambeau.torch.data;

import dev.flambeau.torch.Generator;
import java.util.OptionalLong;

/**
 * Which samples of a dataset an epoch reads, and in which order. PyTorch: {@code
 * torch.utils.data.Sampler}.
 */
public interface Sampler {
  /** Number of samples in an epoch. */
  long size();

  /** Their indices in epoch {@code epoch}, 0 or more. */
  long[] indices(long epoch);

  /** A generator that a seed and the epoch decide; without a seed the default one. */
  static Generator generator(OptionalLong seed, long epoch) {
    // Golden-ratio steps keep the epochs' seeds apart.
    return seed.isPresent()
        ? new Generator(seed.getAsLong() + 0x9e3779b9L * epoch)
        : Generator.getDefault();
  }
}
