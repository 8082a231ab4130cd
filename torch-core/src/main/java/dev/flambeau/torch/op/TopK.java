package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;

/**
 * The {@code k} largest (or smallest) elements along an axis in order, and where they are (I64).
 * Among equals the first are taken. PyTorch: {@code torch.topk}.
 */
public record TopK(long k, int axis, boolean largest) implements Structured {
  @Override
  public String name() {
    return "topk";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta x = inputs[0];
    long size = x.rank() == 0 ? 1 : x.size(axis);
    if (k < 0 || k > size) {
      throw TorchException.argument(name(), "k", k, "0 to " + size + ", the size of dim " + axis);
    }
    long[] sizes = x.shape().sizes();
    if (x.rank() > 0) {
      sizes[axis] = k;
    }
    return new Meta[] {
      Meta.contiguous(x.dtype(), x.device(), Shape.of(sizes)),
      Meta.contiguous(DType.I64, x.device(), Shape.of(sizes))
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
