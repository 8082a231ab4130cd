package dev.flambeau.torch.op;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;

/** An operator that only looks at the same data differently: no kernel, shared storage. */
public non-sealed interface View extends Op {
  /** The view's layout on the input's storage. */
  Layout apply(Layout input);

  /** The gradient by the input, given that by the view. */
  Tensor backward(Meta input, Tensor gradient);

  @Override
  default Meta[] infer(Meta[] inputs) {
    return new Meta[] {new Meta(inputs[0].dtype(), inputs[0].device(), apply(inputs[0].layout()))};
  }

  @Override
  default Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  default Tensor[] backward(Saved saved, Tensor[] gradients) {
    return new Tensor[] {backward(saved.inputMeta(0), gradients[0])};
  }
}
