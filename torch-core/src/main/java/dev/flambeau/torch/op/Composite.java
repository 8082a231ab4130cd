package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;

/**
 * The name of what several calls do together, for captures that have a form for it as a whole: see
 * {@code Dispatcher.composite}. It is never computed or recorded itself.
 */
public interface Composite extends Structured {
  @Override
  default Meta[] infer(Meta[] inputs) {
    throw new IllegalStateException(name() + " is made of other operators");
  }

  @Override
  default Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  default Tensor[] backward(Saved saved, Tensor[] gradients) {
    throw new IllegalStateException(name() + " is made of other operators");
  }
}
