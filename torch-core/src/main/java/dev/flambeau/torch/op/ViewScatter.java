package dev.flambeau.torch.op;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;

/**
 * A copy of x with a source written where a view shows; inputs: x, source. PyTorch: {@code
 * select_scatter}, {@code slice_scatter}, {@code diagonal_scatter}, {@code as_strided_scatter}. It
 * is also what an assignment to a view means for the gradient of its base.
 */
public record ViewScatter(View view) implements Structured {
  @Override
  public String name() {
    return view.name() + "_scatter";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta x = inputs[0];
    Layout layout = x.layout().isDense() ? x.layout().sameOrder(x.shape()) : null;
    if (layout == null) {
      layout = Layout.contiguous(x.shape());
    }
    Shape shown = view.apply(layout).shape();
    if (!inputs[1].shape().equals(shown)) {
      throw TorchException.shape(
          name(), "src", inputs[1].shape(), "the shape of the part it replaces, " + shown);
    }
    if (inputs[1].dtype() != x.dtype()) {
      throw TorchException.type(name(), "src", inputs[1].dtype(), x.dtype().toString());
    }
    return new Meta[] {new Meta(x.dtype(), x.device(), layout)};
  }

  @Override
  public Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    // A strided view is of a layout, not of a shape: the gradient must lie as the output does.
    Tensor g = Views.laidOut(gradients[0], saved.outputMeta(0).layout());
    Tensor source = Dispatcher.call(view, g);
    Tensor zeros = g.zeros(Shape.of()).expand(source.shape());
    return new Tensor[] {
      saved.needs(0) ? Dispatcher.call(this, g, zeros) : null, saved.needs(1) ? source : null
    };
  }
}
