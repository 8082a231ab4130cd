package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Dispatcher;

/**
 * Zeros of {@code shape} with the input added at the places a view shows: the transpose of taking
 * the view. {@code overlaps} tells that the view may show an element several times.
 */
public record ViewBackward(Shape shape, View view, boolean overlaps) implements Structured {
  @Override
  public String name() {
    return view.name() + "_backward";
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
    return new Tensor[] {Dispatcher.call(view, gradients[0].contiguous())};
  }
}
