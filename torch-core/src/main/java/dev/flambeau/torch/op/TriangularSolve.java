package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;

/**
 * X with A X = B: A (..., n, n), of which one triangle is read (without the diagonal if {@code
 * unit}, which then counts as 1), and B (..., n, k) of the same leading axes. The gradient is
 * Giles' (2008, "An extended collection of matrix derivative results"). PyTorch: {@code
 * torch.linalg.solve_triangular}.
 */
public record TriangularSolve(boolean upper, boolean unit) implements Structured {
  @Override
  public String name() {
    return "linalg.solve_triangular";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Matrices.checkSquare(name(), "A", inputs[0]);
    Matrices.check(name(), "B", inputs[1]);
    checkPair(name(), inputs);
    return new Meta[] {Matrices.like(inputs[1], inputs[1].shape())};
  }

  static void checkPair(String operator, Meta[] inputs) {
    Meta a = inputs[0];
    Meta b = inputs[1];
    if (a.dtype() != b.dtype()) {
      throw TorchException.type(operator, "B", b.dtype(), "the type of A, " + a.dtype());
    }
    if (!Matrices.batch(a.shape()).equals(Matrices.batch(b.shape()))
        || a.size(a.rank() - 1) != b.size(b.rank() - 2)) {
      throw TorchException.shape(
          operator, "B", b.shape(), "as many rows as A of shape " + a.shape() + " has columns");
    }
  }

  @Override
  public Saves saves() {
    return new Saves(1, 1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor byB = Matrices.solveTriangular(saved.input(0).mT(), gradients[0], !upper, unit);
    Tensor byA = null;
    if (saved.needs(0)) {
      Tensor full = byB.matmul(saved.output(0).mT()).neg();
      int k = unit ? 1 : 0;
      byA = upper ? full.triu(k) : full.tril(-k);
    }
    return new Tensor[] {byA, saved.needs(1) ? byB : null};
  }
}
