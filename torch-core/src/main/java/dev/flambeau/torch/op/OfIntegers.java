package dev.flambeau.torch.op;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;

/** An operator on integers, which has no gradient. */
interface OfIntegers extends Structured {
  @Override
  default Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  default Tensor[] backward(Saved saved, Tensor[] gradients) {
    throw TorchException.gradient(name() + " has no gradient: its inputs are integers");
  }
}
