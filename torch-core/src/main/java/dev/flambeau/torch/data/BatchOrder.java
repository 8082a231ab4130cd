package dev.flambeau.torch.data;

import java.util.Arrays;

/** Which samples make up each batch; an empty permutation keeps the order. */
record BatchOrder(long samples, int batchSize, long batches, long[] permutation) {
  long[] indices(long batch) {
    long start = batch * batchSize;
    long[] indices = new long[(int) Math.min(batchSize, samples - start)];
    Arrays.setAll(
        indices, i -> permutation.length == 0 ? start + i : permutation[(int) (start + i)]);
    return indices;
  }
}
