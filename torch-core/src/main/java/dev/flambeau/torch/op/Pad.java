package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.List;

/**
 * {@code value} around the data: {@code before} and {@code after} elements, one number an axis,
 * negative numbers cut. PyTorch: {@code torch.nn.functional.pad} with {@code mode="constant"}.
 */
public record Pad(List<Long> before, List<Long> after, double value) implements Structured {
  @Override
  public String name() {
    return "nn.functional.pad";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta x = inputs[0];
    if (before.size() != x.rank() || after.size() != x.rank()) {
      throw TorchException.argument(
          name(), "pad", before + " and " + after, "two numbers for each axis of " + x.shape());
    }
    long[] sizes = x.shape().sizes();
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] += before.get(i) + after.get(i);
      if (sizes[i] < 0) {
        throw TorchException.argument(
            name(), "pad", before + " and " + after, "no more cut than there is of " + x.shape());
      }
    }
    Shape shape = Shape.of(sizes);
    return new Meta[] {
      x.layout().isDense()
          ? new Meta(x.dtype(), x.device(), x.layout().sameOrder(shape))
          : Meta.contiguous(x.dtype(), x.device(), shape)
    };
  }

  @Override
  public Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    List<Long> cut = before.stream().map(n -> -n).toList();
    List<Long> cutAfter = after.stream().map(n -> -n).toList();
    return new Tensor[] {Dispatcher.call(new Pad(cut, cutAfter, 0), gradients[0])};
  }
}
