package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Dispatcher;

/** Zeros of {@code shape} with the input written into a slice: the transpose of slicing. */
public record SliceBackward(Shape shape, Views.Slice slice) implements Structured {
  @Override
  public String name() {
    return "slice_backward";
  }

  Tensor applyTo(Tensor gradient) {
    return Dispatcher.call(this, gradient);
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    return new Meta[] {Meta.contiguous(inputs[0].dtype(), inputs[0].device(), shape)};
  }

  @Override
  public Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    return new Tensor[] {Dispatcher.call(slice, gradients[0])};
  }
}
