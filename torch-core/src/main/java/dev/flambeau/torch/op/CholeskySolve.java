package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.Optional;

/**
 * X with L L^T X = B (or U^T U X = B): one triangle of the factor is read, and its gradient is that
 * of the product of the whole matrix, as PyTorch's. Inputs: factor, B.
 */
public record CholeskySolve(boolean upper) implements Structured {
  @Override
  public String name() {
    return "cholesky_solve";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    return new TriangularSolve(upper, false).infer(inputs);
  }

  @Override
  public Saves saves() {
    return new Saves(1, 1);
  }

  @Override
  public Optional<Tensor[]> decompose(Tensor[] inputs) {
    Tensor lower = upper ? inputs[0].mT() : inputs[0];
    Tensor y = Matrices.solveTriangular(lower, inputs[1], false, false);
    return Optional.of(new Tensor[] {Matrices.solveTriangular(lower.mT(), y, true, false)});
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor factor = saved.input(0);
    Tensor byB = Dispatcher.call(this, factor, gradients[0]);
    Tensor byFactor = null;
    if (saved.needs(0)) {
      Tensor product = byB.matmul(saved.output(0).mT());
      Tensor common = product.add(product.mT()).neg();
      byFactor = upper ? factor.matmul(common) : common.matmul(factor);
    }
    return new Tensor[] {byFactor, saved.needs(1) ? byB : null};
  }
}
