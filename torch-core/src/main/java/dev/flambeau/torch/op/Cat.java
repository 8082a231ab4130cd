package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;

/** Tensors one after another along an axis; other sizes agree. PyTorch: {@code torch.cat}. */
public record Cat(int axis) implements Structured {
  @Override
  public String name() {
    return "cat";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta first = inputs[0];
    long[] sizes = first.shape().sizes();
    DType type = first.dtype();
    for (int i = 1; i < inputs.length; i++) {
      Meta in = inputs[i];
      type = type.promote(in.dtype());
      boolean fits = in.rank() == sizes.length;
      for (int d = 0; fits && d < sizes.length; d++) {
        fits = d == axis || in.size(d) == sizes[d];
      }
      if (!fits) {
        throw TorchException.shape(
            name(),
            "tensors[" + i + "]",
            in.shape(),
            "the sizes of " + first.shape() + " except at dim " + axis);
      }
      sizes[axis] += in.size(axis);
    }
    Shape shape = Shape.of(sizes);
    return new Meta[] {
      new Meta(
          type,
          first.device(),
          first.layout().isDense() ? first.layout().sameOrder(shape) : Layout.contiguous(shape))
    };
  }

  @Override
  public Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor[] out = new Tensor[saved.inputs()];
    long start = 0;
    for (int i = 0; i < out.length; i++) {
      Meta in = saved.inputMeta(i);
      if (saved.needs(i)) {
        out[i] = gradients[0].narrow(axis, start, in.size(axis)).to(in.dtype());
      }
      start += in.size(axis);
    }
    return out;
  }
}
