package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.List;

/**
 * The elements of x that I64 index tensors of one shape name along {@code axes} (ascending);
 * inputs: x, one index an axis. The indices' shape comes in the place of the axes if those are
 * neighbours, else in front. PyTorch: {@code x[..., i, j]}, NumPy's advanced indexing.
 */
public record IndexTensors(List<Integer> axes) implements Structured {
  @Override
  public String name() {
    return "index";
  }

  /** Where the indices' axes begin in the result. */
  public int place() {
    int first = axes.get(0);
    for (int i = 1; i < axes.size(); i++) {
      if (axes.get(i) != first + i) {
        return 0;
      }
    }
    return first;
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Shape shape = resultShape(inputs[0], inputs[1]);
    return new Meta[] {Meta.contiguous(inputs[0].dtype(), inputs[0].device(), shape)};
  }

  Shape resultShape(Meta x, Meta index) {
    if (index.dtype() != DType.I64) {
      throw TorchException.type(name(), "indices", index.dtype(), "int64 or bool");
    }
    long[] sizes = new long[x.rank() - axes.size() + index.rank()];
    int place = place();
    int n = 0;
    for (int i = 0; i < x.rank(); i++) {
      if (n == place) {
        for (int d = 0; d < index.rank(); d++) {
          sizes[n++] = index.size(d);
        }
      }
      if (!axes.contains(i)) {
        sizes[n++] = x.size(i);
      }
    }
    for (int d = n; d < sizes.length; d++) {
      sizes[d] = index.size(d - n);
    }
    return Shape.of(sizes);
  }

  @Override
  public Saves saves() {
    Saves saves = Saves.NOTHING;
    for (int i = 1; i <= axes.size(); i++) {
      saves = saves.andInputs(i);
    }
    return saves;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor[] inputs = new Tensor[saved.inputs() + 1];
    inputs[0] = gradients[0].zeros(saved.inputMeta(0).shape());
    inputs[1] = gradients[0];
    for (int i = 1; i < saved.inputs(); i++) {
      inputs[i + 1] = saved.input(i);
    }
    Tensor[] out = new Tensor[saved.inputs()];
    out[0] = Dispatcher.call(new IndexPut(axes, true), inputs);
    return out;
  }
}
