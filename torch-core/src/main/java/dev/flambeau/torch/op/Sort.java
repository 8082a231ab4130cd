package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;

/**
 * The elements along an axis in order, and the places they came from (I64). Equal elements keep
 * their order; NaN is larger than all numbers. PyTorch: {@code torch.sort(stable=True)}.
 */
public record Sort(int axis, boolean descending) implements Structured {
  @Override
  public String name() {
    return "sort";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta x = inputs[0];
    return new Meta[] {
      Meta.contiguous(x.dtype(), x.device(), x.shape()),
      Meta.contiguous(DType.I64, x.device(), x.shape())
    };
  }

  @Override
  public Saves saves() {
    return Saves.outputs(1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor zeros = gradients[0].zeros(saved.inputMeta(0).shape());
    return new Tensor[] {zeros.scatter(axis, saved.output(1), gradients[0])};
  }
}
