package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;

/**
 * {@code out[i][j] = x[index[i][j]][j]} for axis 0, and so on; PyTorch: {@code torch.gather}. The
 * index is I64 and as large as the output.
 */
public record Gather(int axis) implements Structured {
  @Override
  public String name() {
    return "gather";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    checkIndex(name(), inputs[0].shape(), inputs[1], axis);
    return new Meta[] {Meta.contiguous(inputs[0].dtype(), inputs[0].device(), inputs[1].shape())};
  }

  /** A 0-d tensor counts as one with a single axis. */
  static void checkIndex(String operator, Shape shape, Meta index, int axis) {
    if (!Scatter.isIndex(index)) {
      throw TorchException.type(operator, "index", index.dtype(), "int64");
    }
    boolean fits = Math.max(index.rank(), 1) == Math.max(shape.rank(), 1);
    for (int i = 0; fits && i < Math.min(shape.rank(), index.rank()); i++) {
      fits = i == axis || index.size(i) <= shape.size(i);
    }
    if (!fits && index.shape().numel() > 0) {
      throw TorchException.shape(
          operator,
          "index",
          index.shape(),
          "as many axes as " + shape + ", none larger except axis " + axis);
    }
  }

  @Override
  public Saves saves() {
    return Saves.inputs(1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor zeros = gradients[0].zeros(saved.inputMeta(0).shape());
    return new Tensor[] {zeros.scatterAdd(axis, saved.input(1), gradients[0]), null};
  }
}
