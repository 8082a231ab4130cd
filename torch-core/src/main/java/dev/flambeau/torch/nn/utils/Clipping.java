package dev.flambeau.torch.nn.utils;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.List;
import java.util.Optional;

/**
 * Bounds gradients between backward and the optimizer's step. PyTorch: {@code
 * torch.nn.utils.clip_grad_norm_}, {@code clip_grad_value_}.
 */
public final class Clipping {
  private Clipping() {}

  /** {@link #clipGradNorm_(List, double, double, boolean)} with the 2-norm, whatever it is. */
  public static Tensor clipGradNorm_(List<Tensor> parameters, double maxNorm) {
    return clipGradNorm_(parameters, maxNorm, 2, false);
  }

  /**
   * Scales all gradients by {@code maxNorm / (norm + 1e-6)} if that is below 1. Returns the norm of
   * all of them together before, a 0-d tensor.
   *
   * @param normType the p of the p-norm, which may be infinite
   * @param errorIfNonfinite whether a norm that is infinite or NaN is refused; nothing is scaled
   *     then
   */
  public static Tensor clipGradNorm_(
      List<Tensor> parameters, double maxNorm, double normType, boolean errorIfNonfinite) {
    if (Double.isNaN(maxNorm)) {
      throw TorchException.argument("clip_grad_norm_", "max_norm", maxNorm, "a number");
    }
    return Torch.noGrad(
        () -> {
          List<Tensor> gradients = gradients(parameters);
          Tensor norm = totalNorm(gradients, normType);
          if (errorIfNonfinite && !Double.isFinite(norm.item())) {
            throw TorchException.gradient(
                "clip_grad_norm_: the norm of the gradients is "
                    + norm.item()
                    + "; allowed: a finite one");
          }
          Tensor factor = norm.add(1e-6).reciprocal().mul(maxNorm).clampMax(1);
          gradients.forEach(g -> g.mul_(factor.to(g.dtype())));
          return norm;
        });
  }

  /** The norm of all tensors as one vector; 0 if there are none. */
  public static Tensor totalNorm(List<Tensor> tensors, double normType) {
    if (tensors.isEmpty()) {
      return Torch.zeros();
    }
    int[] all = {};
    List<Tensor> norms = tensors.stream().map(t -> t.ravel().norm(normType, all, false)).toList();
    return norms.size() == 1 ? norms.getFirst() : Torch.stack(norms, 0).norm(normType, all, false);
  }

  /** Brings each element of each gradient into [-limit, limit]. */
  public static void clipGradValue_(List<Tensor> parameters, double limit) {
    if (!(limit >= 0)) {
      throw TorchException.argument("clip_grad_value_", "clip_value", limit, "0 or more");
    }
    Torch.noGrad(() -> gradients(parameters).forEach(g -> g.clamp_(-limit, limit)));
  }

  private static List<Tensor> gradients(List<Tensor> parameters) {
    return parameters.stream().map(Tensor::grad).flatMap(Optional::stream).toList();
  }
}
