package dev.flambeau.torch.data;

import java.util.Arrays;

/** Which samples make up each batch. */
interface BatchOrder {
  long batches();

  long[] indices(long batch);

  /** Batches of one size but perhaps the last; an empty permutation keeps the order. */
  record Even(long samples, int batchSize, long batches, long[] permutation) implements BatchOrder {
    @Override
    public long[] indices(long batch) {
      long start = batch * batchSize;
      long[] indices = new long[(int) Math.min(batchSize, samples - start)];
      Arrays.setAll(
          indices, i -> permutation.length == 0 ? start + i : permutation[(int) (start + i)]);
      return indices;
    }
  }

  /** Batches as a sampler made them. */
  record Given(long[][] all) implements BatchOrder {
    @Override
    public long batches() {
      return all.length;
    }

    @Override
    public long[] indices(long batch) {
      return all[(int) batch];
    }
  }
}
