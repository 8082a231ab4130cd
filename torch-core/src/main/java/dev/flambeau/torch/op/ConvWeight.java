package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Dispatcher;

/**
 * The gradient of {@link Conv} by its weight: x (N, C, ...), gradient by the result (N, K, ...) ->
 * {@code weight} = (K, C / groups, ...).
 */
public record ConvWeight(Window window, long groups, Shape weight) implements Structured {
  @Override
  public String name() {
    return "conv" + window.axes() + "d_weight";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Conv.checkTypes(name(), inputs);
    Conv.checkRank(name(), "input", inputs[0], window);
    Conv.checkRank(name(), "gradient", inputs[1], window);
    return new Meta[] {Meta.contiguous(inputs[0].dtype(), inputs[0].device(), weight)};
  }

  @Override
  public Saves saves() {
    return Saves.inputs(0, 1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor g = gradients[0];
    return new Tensor[] {
      saved.needs(0)
          ? Dispatcher.call(
              new ConvTranspose(window, groups, saved.inputMeta(0).shape()), saved.input(1), g)
          : null,
      saved.needs(1) ? Dispatcher.call(new Conv(window, groups), saved.input(0), g) : null
    };
  }
}
