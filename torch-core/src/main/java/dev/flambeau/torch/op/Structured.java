package dev.flambeau.torch.op;

import dev.flambeau.torch.Tensor;
import java.util.Optional;

/**
 * An operator with a kernel of its own: matrix products, convolutions, sorts. Implementations are
 * records whose components are the attributes.
 */
public non-sealed interface Structured extends Op {
  /**
   * The outputs computed by other operators, where that is possible: what runs when a backend has
   * no kernel, and what a kernel is tested against.
   */
  default Optional<Tensor[]> decompose(Tensor[] inputs) {
    return Optional.empty();
  }
}
