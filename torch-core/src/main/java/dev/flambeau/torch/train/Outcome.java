package dev.flambeau.torch.train;

import dev.flambeau.torch.Tensor;

/**
 * What a model made of one batch.
 *
 * @param loss the mean loss, 0-d
 * @param output the model's output
 * @param target what it should have been
 * @param samples number of samples in the batch
 */
public record Outcome(Tensor loss, Tensor output, Tensor target, long samples) {
  /** Of as many samples as the output has rows. */
  public static Outcome of(Tensor loss, Tensor output, Tensor target) {
    return new Outcome(loss, output, target, output.dim() == 0 ? 1 : output.size(0));
  }
}
