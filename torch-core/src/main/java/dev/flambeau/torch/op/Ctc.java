package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.api.Elementwise;
import dev.flambeau.torch.dispatch.Dispatcher;

/**
 * Losses of connectionist temporal classification (Graves et al. 2006) of log-probabilities (T, N,
 * C), targets (N, S), input lengths (N) and target lengths (N), the last three I64. With {@code
 * gradient} the output is the gradient of the sum of all losses by the input of the log-softmax
 * that made the log-probabilities; it cannot be differentiated again.
 */
public record Ctc(long blank, boolean gradient) implements Structured {
  @Override
  public String name() {
    return gradient ? "ctc_loss.gradient" : "ctc_loss";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta x = inputs[0];
    if (x.rank() != 3 || x.dtype() != DType.F32 && x.dtype() != DType.F64) {
      throw TorchException.shape(
          name(), "log_probs", x.dtype() + " " + x.shape(), "F32 or F64 of (T, N, C)");
    }
    for (int i = 1; i < inputs.length; i++) {
      int rank = i == 1 ? 2 : 1;
      if (inputs[i].dtype() != DType.I64
          || inputs[i].rank() != rank
          || inputs[i].size(0) != x.size(1)) {
        throw TorchException.shape(
            name(),
            i == 1 ? "targets" : i == 2 ? "input_lengths" : "target_lengths",
            inputs[i].dtype() + " " + inputs[i].shape(),
            "int64 of " + rank + " dimensions, the first one N = " + x.size(1));
      }
    }
    Shape shape = gradient ? x.shape() : Shape.of(x.size(1));
    return new Meta[] {Meta.contiguous(x.dtype(), x.device(), shape)};
  }

  @Override
  public Saves saves() {
    return gradient ? Saves.NOTHING : Saves.inputs(0, 1, 2, 3);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    if (gradient) {
      throw TorchException.gradient("ctc_loss: the second derivative is not known");
    }
    Tensor all =
        Dispatcher.call(
            new Ctc(blank, true), saved.input(0), saved.input(1), saved.input(2), saved.input(3));
    // An infinite loss whose gradient is not wanted must not make it NaN.
    Tensor g = gradients[0].unsqueeze(0).unsqueeze(2);
    Tensor product = all.mul(g);
    return new Tensor[] {
      Elementwise.where(g.eq(0), product.detach().zerosLike(), product), null, null, null
    };
  }
}
