package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.Optional;

/** exp(x) / sum exp(x) along an axis, or its logarithm, computed with the maximum subtracted. */
public record Softmax(int axis, boolean log) implements Structured {
  @Override
  public String name() {
    return log ? "log_softmax" : "softmax";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta in = inputs[0];
    if (!in.dtype().isFloat()) {
      throw TorchException.type(name(), "input", in.dtype(), "a floating point type");
    }
    return new Meta[] {
      in.layout().isDense()
          ? in.withDType(in.dtype())
          : Meta.contiguous(in.dtype(), in.device(), in.shape())
    };
  }

  @Override
  public Saves saves() {
    return Saves.outputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor y = saved.output(0);
    Tensor g = gradients[0];
    int[] axes = {axis};
    return new Tensor[] {
      log ? g.sub(y.exp().mul(g.sum(axes, true))) : y.mul(g.sub(g.mul(y).sum(axes, true)))
    };
  }

  @Override
  public Optional<Tensor[]> decompose(Tensor[] inputs) {
    int[] axes = {axis};
    Tensor centred = inputs[0].sub(inputs[0].amax(axes, true));
    Tensor exp = centred.exp();
    Tensor sum = exp.sum(axes, true);
    return Optional.of(new Tensor[] {log ? centred.sub(sum.log()) : exp.div(sum)});
  }
}
