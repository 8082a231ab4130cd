package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;

/**
 * Adds source elements at {@code index} along an axis to a copy of the input; inputs: x, index,
 * src. PyTorch: {@code torch.scatter_add}.
 */
public record ScatterAdd(int axis) implements Structured {
  @Override
  public String name() {
    return "scatter_add";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Gather.checkIndex(name(), inputs[0].shape(), inputs[1], axis);
    if (inputs[0].dtype() != inputs[2].dtype()) {
      throw TorchException.type(name(), "src", inputs[2].dtype(), inputs[0].dtype().toString());
    }
    for (int i = 0; i < inputs[1].rank(); i++) {
      if (inputs[1].rank() != inputs[2].rank() || inputs[1].size(i) > inputs[2].size(i)) {
        throw TorchException.shape(
            name(), "src", inputs[2].shape(), "at least the sizes of index, " + inputs[1].shape());
      }
    }
    return new Meta[] {Meta.contiguous(inputs[0].dtype(), inputs[0].device(), inputs[0].shape())};
  }

  @Override
  public Saves saves() {
    return Saves.inputs(1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor g = gradients[0];
    Tensor source = null;
    if (saved.needs(2)) {
      Tensor taken = g.gather(axis, saved.input(1));
      source = taken;
      for (int i = 0; i < taken.dim(); i++) {
        long missing = saved.inputMeta(2).size(i) - taken.size(i);
        if (missing > 0) {
          long[] sizes = source.shape().sizes();
          sizes[i] = saved.inputMeta(2).size(i);
          source =
              new SliceBackward(
                      dev.flambeau.torch.Shape.of(sizes), new Views.Slice(i, 0, taken.size(i), 1))
                  .applyTo(source);
        }
      }
    }
    return new Tensor[] {g, null, source};
  }
}
