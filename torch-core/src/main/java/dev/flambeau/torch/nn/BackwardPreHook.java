package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * What is done before gradients go through a module: {@link Module#registerFullBackwardPreHook}.
 */
@FunctionalInterface
public interface BackwardPreHook {
  /** The gradients by the outputs to go on with: these or others of the same shapes. */
  List<Optional<Tensor>> before(Module module, List<Optional<Tensor>> byOutputs);
}
