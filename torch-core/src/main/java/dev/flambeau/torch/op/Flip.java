package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.List;

/** A copy with the order along {@code axes} reversed; PyTorch: {@code torch.flip}. */
public record Flip(List<Integer> axes) implements Structured {
  @Override
  public String name() {
    return "flip";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    return new Meta[] {inputs[0].withDType(inputs[0].dtype())};
  }

  @Override
  public Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    return new Tensor[] {Dispatcher.call(this, gradients[0])};
  }
}
