package dev.flambeau.torch.catalog;

import dev.flambeau.torch.Tensor;
import java.util.List;

/** What is compared where an operator's outputs are not unique. */
@FunctionalInterface
public interface Comparison {
  /** The outputs themselves. */
  Comparison OUTPUTS = (_, outputs) -> outputs;

  /**
   * What a call's outputs, ours or PyTorch's, determine (say, the product of a factorization's
   * factors). Arguments may be read again by name.
   */
  List<Tensor> determined(Arguments call, List<Tensor> outputs);

  /**
   * The weight of our output in the loss whose gradients are compared, given its weight in
   * PyTorch's: changed with the sign, where signs are free.
   */
  default Tensor weight(Tensor weight, int output, List<Tensor> ours, List<Tensor> theirs) {
    return weight;
  }
}
