package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;

/**
 * The part of each matrix on and above (or below) a diagonal, zeros elsewhere; PyTorch: {@code
 * torch.triu}, {@code torch.tril}.
 */
public record Triangle(boolean upper, long diagonal) implements Structured {
  @Override
  public String name() {
    return upper ? "triu" : "tril";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta x = inputs[0];
    if (x.rank() < 2) {
      throw TorchException.shape(name(), "input", x.shape(), "at least two dimensions");
    }
    return new Meta[] {Meta.contiguous(x.dtype(), x.device(), x.shape())};
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
