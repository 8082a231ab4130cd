package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;

/** The slices of an axis that a 1-d index names; PyTorch: {@code torch.index_select}. */
public record IndexSelect(int axis) implements Structured {
  @Override
  public String name() {
    return "index_select";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    if (inputs[1].rank() != 1) {
      throw TorchException.shape(name(), "index", inputs[1].shape(), "one axis");
    }
    if (!Scatter.isIndex(inputs[1])) {
      throw TorchException.type(name(), "index", inputs[1].dtype(), "int64");
    }
    long[] sizes = inputs[0].shape().sizes();
    sizes[axis] = inputs[1].size(0);
    return new Meta[] {Meta.contiguous(inputs[0].dtype(), inputs[0].device(), Shape.of(sizes))};
  }

  @Override
  public Saves saves() {
    return Saves.inputs(1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Shape shape = saved.inputMeta(0).shape();
    return new Tensor[] {
      Dispatcher.call(new IndexAdd(axis, shape), saved.input(1), gradients[0]), null
    };
  }

  /** Zeros of {@code shape} plus the source's slices at the index: inputs index, source. */
  public record IndexAdd(int axis, Shape shape) implements Structured {
    @Override
    public String name() {
      return "index_add";
    }

    @Override
    public Meta[] infer(Meta[] inputs) {
      return new Meta[] {Meta.contiguous(inputs[1].dtype(), inputs[1].device(), shape)};
    }

    @Override
    public Saves saves() {
      return Saves.inputs(0);
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor[] gradients) {
      return new Tensor[] {null, gradients[0].indexSelect(axis, saved.input(0))};
    }
  }
}
