package dev.flambeau.torch.api;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.Optional;

/** Covariances of variables (rows) over observations (columns). */
public sealed interface Covariance extends Self permits Tensor {
  /** The covariance matrix, over the number of observations less 1. */
  default Tensor cov() {
    return cov(1, Optional.empty(), Optional.empty());
  }

  /**
   * The covariance matrix; of one variable 0-d.
   *
   * @param correction what is taken off the number of observations
   * @param counts how often each observation was made, integers
   * @param weights the weight of each observation, floats
   */
  default Tensor cov(long correction, Optional<Tensor> counts, Optional<Tensor> weights) {
    Tensor x = self();
    if (x.dim() > 2) {
      throw TorchException.shape("cov", "input", x.shape(), "at most two dimensions");
    }
    x = x.dim() < 2 ? x.reshape(1, -1) : x;
    x = x.dtype().isFloat() ? x : x.to(DType.F32);
    long observations = x.size(1);
    counts.ifPresent(w -> check("fweights", w, observations, false));
    weights.ifPresent(w -> check("aweights", w, observations, true));
    DType type = x.dtype();
    Optional<Tensor> all = counts.map(w -> w.to(type));
    if (weights.isPresent()) {
      Tensor a = weights.get();
      all = Optional.of(all.map(w -> w.mul(a)).orElse(a));
    }
    Tensor total = all.map(Tensor::sum).orElse(x.detach().sum().fullLike(observations));
    Tensor weighted = all.isPresent() ? x.mul(all.get()) : x;
    Tensor centred = x.sub(weighted.sum(new int[] {1}, true).div(total));
    Tensor lost =
        weights.isPresent() && all.isPresent()
            ? all.get().mul(weights.get()).sum().div(total).mul(correction)
            : total.detach().fullLike(correction);
    Tensor norm = total.sub(lost).clampMin(0);
    Tensor right = all.isPresent() ? centred.mul(all.get()) : centred;
    Tensor c = centred.matmul(right.t()).div(norm);
    return c.numel() == 1 ? c.reshape() : c;
  }

  private static void check(String name, Tensor w, long observations, boolean real) {
    if (w.dim() > 1 || w.numel() != observations) {
      throw TorchException.shape(
          "cov", name, w.shape(), Shape.of(observations) + ", one for each observation");
    }
    if (w.dtype().isFloat() != real) {
      throw TorchException.type("cov", name, w.dtype(), real ? "floating point" : "integers");
    }
    if (Mode.checking() && w.numel() > 0 && w.detach().amin().item() < 0) {
      throw TorchException.argument("cov", name, w.detach().amin().item(), "0 or more");
    }
  }

  /** Pearson's correlation coefficients. */
  default Tensor corrcoef() {
    Tensor c = cov();
    if (c.dim() == 0) {
      return c.div(c);
    }
    Tensor deviation = c.diagonal().sqrt();
    return c.div(deviation.unsqueeze(1)).div(deviation.unsqueeze(0)).clamp(-1, 1);
  }
}
