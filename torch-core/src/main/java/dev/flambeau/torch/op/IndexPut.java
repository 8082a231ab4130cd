package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.List;

/**
 * A copy of x with values written, or added, where {@link IndexTensors} would read; inputs: x,
 * values of the shape it would give, one index an axis. PyTorch: {@code torch.index_put}.
 */
public record IndexPut(List<Integer> axes, boolean accumulate) implements Structured {
  @Override
  public String name() {
    return "index_put";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta x = inputs[0];
    Shape wanted = new IndexTensors(axes).resultShape(x, inputs[2]);
    if (!inputs[1].shape().equals(wanted)) {
      throw TorchException.shape(name(), "values", inputs[1].shape(), wanted.toString());
    }
    if (inputs[1].dtype() != x.dtype()) {
      throw TorchException.type(name(), "values", inputs[1].dtype(), x.dtype().toString());
    }
    return new Meta[] {Meta.contiguous(x.dtype(), x.device(), x.shape())};
  }

  @Override
  public Saves saves() {
    Saves saves = Saves.NOTHING;
    for (int i = 0; i < axes.size(); i++) {
      saves = saves.andInputs(i + 2);
    }
    return saves;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor g = gradients[0];
    Tensor[] at = new Tensor[axes.size() + 1];
    Tensor[] zeros = new Tensor[axes.size() + 2];
    at[0] = g;
    zeros[0] = g;
    for (int i = 0; i < axes.size(); i++) {
      at[i + 1] = saved.input(i + 2);
      zeros[i + 2] = saved.input(i + 2);
    }
    Tensor[] out = new Tensor[saved.inputs()];
    out[1] = Dispatcher.call(new IndexTensors(axes), at);
    zeros[1] = g.zeros(Shape.of()).expand(out[1].shape());
    out[0] = accumulate ? g : Dispatcher.call(new IndexPut(axes, false), zeros);
    return out;
  }
}
