package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;

/**
 * An operator with its attributes: what is computed, not how. Equal operators compute the same, so
 * an operator with its inputs' {@link Meta} is a cache key. Sealed by how it runs; open, through
 * {@link Structured} and {@link View}, by what it computes.
 */
public sealed interface Op permits Pointwise, Reduction, View, Structured {
  /** PyTorch's name. */
  String name();

  /**
   * The outputs' types, shapes and layouts.
   *
   * @throws dev.flambeau.torch.TorchException if the inputs do not fit
   */
  Meta[] infer(Meta[] inputs);

  /** Which inputs and outputs {@link #backward} reads. */
  Saves saves();

  /**
   * The gradient by each input: null where none is needed or none exists. Written with operators,
   * so it can be differentiated again.
   *
   * @param gradients by each output; null for an output nothing depends on
   */
  Tensor[] backward(Saved saved, Tensor[] gradients);
}
