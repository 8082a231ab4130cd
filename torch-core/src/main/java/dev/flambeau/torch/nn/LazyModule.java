package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A module that learns the number of its input features from its first input, or from a state that
 * is loaded. Until then parameters are empty; the tensors stay the same, so an optimizer may hold
 * them. PyTorch: {@code torch.nn.modules.lazy.LazyModuleMixin}.
 */
public interface LazyModule {
  /** Whether the number of features is known. */
  boolean isInitialized();

  /** Gives the parameters their shapes and starting values. */
  void initialize(long features);

  /** The number of features a saved state of this module alone belongs to, if it tells. */
  OptionalLong featuresOf(Map<String, Tensor> state);
}
