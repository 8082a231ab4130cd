package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;

/**
 * P L D L^T P^T = A for symmetric matrices (..., n, n), whose lower triangle is read: D has blocks
 * of size 1 and 2 (Bunch and Kaufman 1977). L and D in one matrix, pivots (I32) as LAPACK's sytrf
 * gives them, and I32 (...): 0, or the first block of D that is 0. PyTorch: {@code
 * torch.linalg.ldl_factor_ex}.
 */
public record Ldl() implements Structured {
  @Override
  public String name() {
    return "linalg.ldl_factor";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta a = inputs[0];
    Matrices.checkSquare(name(), "A", a);
    Shape batch = Matrices.batch(a.shape());
    return new Meta[] {
      Matrices.like(a, a.shape()),
      Matrices.integers(a, Matrices.shape(batch, a.size(a.rank() - 1))),
      Matrices.integers(a, batch)
    };
  }

  @Override
  public Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    throw TorchException.gradient("linalg.ldl_factor: the derivative is not defined");
  }

  /** X with A X = B from the factors: inputs LD, pivots, B of the same leading axes. */
  public record Solution() implements Structured {
    @Override
    public String name() {
      return "linalg.ldl_solve";
    }

    @Override
    public Meta[] infer(Meta[] inputs) {
      Matrices.checkSquare(name(), "LD", inputs[0]);
      Matrices.check(name(), "B", inputs[2]);
      TriangularSolve.checkPair(name(), new Meta[] {inputs[0], inputs[2]});
      return new Meta[] {Matrices.like(inputs[2], inputs[2].shape())};
    }

    @Override
    public Saves saves() {
      return Saves.NOTHING;
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor[] gradients) {
      throw TorchException.gradient("linalg.ldl_solve: the derivative is not defined");
    }
  }
}
