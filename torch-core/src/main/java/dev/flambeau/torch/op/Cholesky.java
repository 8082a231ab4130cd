package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;

/**
 * Lower L with L L^T = A for symmetric positive definite A (..., n, n), whose lower triangle is
 * read, and I32 (...): 0, or the order of the leading minor that is not positive. Gradient: Murray
 * (2016, "Differentiation of the Cholesky decomposition"). PyTorch: {@code
 * torch.linalg.cholesky_ex}.
 */
public record Cholesky() implements Structured {
  @Override
  public String name() {
    return "linalg.cholesky";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta a = inputs[0];
    Matrices.checkSquare(name(), "A", a);
    return new Meta[] {
      Matrices.like(a, a.shape()), Matrices.integers(a, Matrices.batch(a.shape()))
    };
  }

  @Override
  public Saves saves() {
    return Saves.outputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor factor = saved.output(0);
    Tensor upper = factor.mT();
    Tensor full = upper.matmul(gradients[0]).tril(0);
    Tensor phi = full.sub(full.diagonal(0, -2, -1).diagEmbed().mul(0.5));
    Tensor left = Matrices.solveTriangular(upper, phi, true, false);
    Tensor g = Matrices.solveTriangular(upper, left.mT(), true, false);
    return new Tensor[] {g.add(g.mT()).mul(0.5)};
  }
}
