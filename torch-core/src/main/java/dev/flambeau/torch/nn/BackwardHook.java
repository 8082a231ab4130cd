package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.List;
import java.util.Optional;

/** What is done with the gradients of a module; see {@link Module#registerFullBackwardHook}. */
@FunctionalInterface
public interface BackwardHook {
  /**
   * The gradients by the inputs that are passed on: these or others of the same shapes.
   *
   * @param byInputs empty for inputs that require none
   * @param byOutputs empty for outputs that require none
   */
  List<Optional<Tensor>> after(
      Module module, List<Optional<Tensor>> byInputs, List<Optional<Tensor>> byOutputs);
}
