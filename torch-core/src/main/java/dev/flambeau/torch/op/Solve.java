package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Dispatcher;

/**
 * X with A X = B by elimination: A (..., n, n), B (..., n, k) of the same leading axes; and I32
 * (...): 0, or the first zero pivot. Gradient: Giles (2008). PyTorch: {@code
 * torch.linalg.solve_ex}.
 */
public record Solve() implements Structured {
  @Override
  public String name() {
    return "linalg.solve";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Matrices.checkSquare(name(), "A", inputs[0]);
    Matrices.check(name(), "B", inputs[1]);
    TriangularSolve.checkPair(name(), inputs);
    return new Meta[] {
      Matrices.like(inputs[1], inputs[1].shape()),
      Matrices.integers(inputs[0], Matrices.batch(inputs[0].shape()))
    };
  }

  @Override
  public Saves saves() {
    return new Saves(1, 1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor byB = Dispatcher.call(this, saved.input(0).mT(), gradients[0]);
    Tensor byA = saved.needs(0) ? byB.matmul(saved.output(0).mT()).neg() : null;
    return new Tensor[] {byA, saved.needs(1) ? byB : null};
  }

  /** A^-1 and, as above, where elimination failed. PyTorch: {@code torch.linalg.inv_ex}. */
  public record Inverse() implements Structured {
    @Override
    public String name() {
      return "linalg.inv";
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
      Tensor inverse = saved.output(0).mT();
      return new Tensor[] {inverse.matmul(gradients[0]).matmul(inverse).neg()};
    }
  }
}
