package dev.flambeau.torch.data;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;

/** An input and what is to be learned from it: one sample, or a batch of them. */
public record Example(Tensor input, Tensor target) {
  /** With a class as target: a 0-d I64. */
  public static Example of(Tensor input, long label) {
    return new Example(input, Torch.scalar(label));
  }
}
