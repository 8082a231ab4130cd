package dev.flambeau.torch.train;

/**
 * Runs a model on a batch and says how wrong it was.
 *
 * @param <B> a batch
 */
@FunctionalInterface
public interface Objective<B> {
  Outcome of(B batch);
}
