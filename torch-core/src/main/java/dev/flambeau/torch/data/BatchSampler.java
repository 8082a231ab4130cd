package dev.flambeau.torch.data;

/**
 * Which samples make up the batches of an epoch. PyTorch: {@code torch.utils.data.BatchSampler}.
 */
public interface BatchSampler {
  /** Number of batches in an epoch. */
  long size();

  /** The indices of each batch in epoch {@code epoch}, 0 or more. */
  long[][] batches(long epoch);
}
