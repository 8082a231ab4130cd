package dev.flambeau.torch.data;

/** Reads the samples at some indices and makes a batch of them. */
@FunctionalInterface
interface BatchSource<B> {
  B read(long[] indices);
}
