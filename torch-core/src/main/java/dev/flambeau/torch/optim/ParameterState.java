package dev.flambeau.torch.optim;

import dev.flambeau.torch.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** What an optimizer remembers of one parameter. */
class ParameterState {
  /** Updates so far, the present one included. */
  long steps;

  /** Numbers that change from step to step, by PyTorch's names. */
  final Map<String, Double> numbers = new LinkedHashMap<>();

  /** Tensors by PyTorch's names. */
  final Map<String, Tensor> tensors = new LinkedHashMap<>();

  /** Whether a tensor was made for the present update. */
  boolean fresh;

  /** Whether every number of an update of the same options is the same. */
  final boolean alike(ParameterState other) {
    return steps == other.steps && fresh == other.fresh && numbers.equals(other.numbers);
  }
}
