package dev.flambeau.torch.optim;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.List;
import java.util.function.Function;

/** All parameters as one vector. */
record FlatParameters(List<Tensor> parameters) {
  private Tensor vector(Function<Tensor, Tensor> part) {
    return Torch.noGrad(
        () -> Torch.cat(parameters.stream().map(p -> part.apply(p).reshape(-1)).toList(), 0));
  }

  Tensor copy() {
    return vector(Tensor::detach);
  }

  /** The gradients; 0 for parameters that have none. */
  Tensor gradient() {
    return vector(p -> p.grad().map(Tensor::detach).orElseGet(() -> p.detach().zerosLike()));
  }

  void set(Tensor vector) {
    each(vector, Tensor::copy_);
  }

  void add(Tensor vector, double factor) {
    Tensor scaled = vector.mul(factor);
    each(scaled, Tensor::add_);
  }

  private interface Change {
    void apply(Tensor parameter, Tensor part);
  }

  private void each(Tensor vector, Change change) {
    long at = 0;
    for (Tensor p : parameters) {
      change.apply(p, vector.narrow(0, at, p.numel()).reshape(p.shape().sizes()));
      at += p.numel();
    }
  }
}
