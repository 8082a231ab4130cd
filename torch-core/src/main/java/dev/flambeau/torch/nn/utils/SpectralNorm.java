package dev.flambeau.torch.nn.utils;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Buffer;
import dev.flambeau.torch.nn.Name;
import dev.flambeau.torch.nn.functional.F;
import java.util.Optional;

/**
 * The weight divided by its largest singular value, which power iterations in training follow
 * (Miyato et al. 2018). PyTorch: {@code torch.nn.utils.parametrizations.spectral_norm}.
 */
final class SpectralNorm extends Parametrization {
  private static final int FIRST_ITERATIONS = 15;

  @Name("_u")
  @Buffer
  final Optional<Tensor> left;

  @Name("_v")
  @Buffer
  final Optional<Tensor> right;

  private final int axis;
  private final int iterations;
  private final double eps;

  SpectralNorm(Tensor weight, int axis, int iterations, double eps) {
    if (iterations < 1) {
      throw TorchException.argument("spectral_norm", "n_power_iterations", iterations, "1 or more");
    }
    this.axis = weight.shape().axis(axis);
    this.iterations = iterations;
    this.eps = eps;
    if (weight.dim() < 2) {
      left = Optional.empty();
      right = Optional.empty();
      return;
    }
    Tensor matrix = matrix(weight.detach());
    left = Optional.of(unit(Torch.randn(matrix.dtype(), matrix.size(0))));
    right = Optional.of(unit(Torch.randn(matrix.dtype(), matrix.size(1))));
    iterate(matrix, FIRST_ITERATIONS);
  }

  private Tensor unit(Tensor vector) {
    return F.normalize(vector, 2, 0, eps);
  }

  private Tensor matrix(Tensor weight) {
    return weight.movedim(axis, 0).flatten(1);
  }

  private void iterate(Tensor matrix, int times) {
    Torch.noGrad(
        () -> {
          Tensor w = matrix.detach();
          for (int i = 0; i < times; i++) {
            left.orElseThrow().copy_(unit(w.mv(right.orElseThrow())));
            right.orElseThrow().copy_(unit(w.mT().mv(left.orElseThrow())));
          }
        });
  }

  @Override
  public Tensor forward(Tensor weight) {
    if (left.isEmpty()) {
      return F.normalize(weight, 2, 0, eps);
    }
    Tensor matrix = matrix(weight);
    if (isTraining()) {
      iterate(matrix, iterations);
    }
    // Copies, because the next call changes the vectors that backward reads.
    Tensor u = left.get().detach().copy();
    Tensor v = right.orElseThrow().detach().copy();
    return weight.div(u.dot(matrix.mv(v)));
  }

  @Override
  public String typeName() {
    return "_SpectralNorm";
  }
}
