package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Dispatcher;

/**
 * The determinant of each matrix (..., n, n). Its gradient, the matrix of cofactors, exists for
 * singular matrices as well. PyTorch: {@code torch.linalg.det}.
 */
public record Determinant() implements Structured {
  @Override
  public String name() {
    return "linalg.det";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta a = inputs[0];
    Matrices.checkSquare(name(), "A", a);
    return new Meta[] {Matrices.like(a, Matrices.batch(a.shape()))};
  }

  @Override
  public Saves saves() {
    return Saves.inputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor cofactors = Dispatcher.call(new Cofactors(), saved.input(0));
    return new Tensor[] {cofactors.mul(gradients[0].unsqueeze(-1).unsqueeze(-1))};
  }

  /** det(A) A^-T, through singular values, so that A may be singular. */
  public record Cofactors() implements Structured {
    @Override
    public String name() {
      return "cofactors";
    }

    @Override
    public Meta[] infer(Meta[] inputs) {
      return new Meta[] {Matrices.like(inputs[0], inputs[0].shape())};
    }

    @Override
    public Saves saves() {
      return new Saves(1, 1);
    }

    /** d(det A A^-T), for regular A only. */
    @Override
    public Tensor[] backward(Saved saved, Tensor[] gradients) {
      Tensor cofactors = saved.output(0);
      Tensor inverse = Dispatcher.call(new Solve.Inverse(), saved.input(0)).mT();
      Tensor dot = gradients[0].mul(inverse).sum(new int[] {-2, -1}, true);
      Tensor turned = cofactors.matmul(gradients[0].mT()).matmul(inverse);
      return new Tensor[] {cofactors.mul(dot).sub(turned)};
    }
  }

  /** Sign and logarithm of the absolute value. PyTorch: {@code torch.linalg.slogdet}. */
  public record Logarithm() implements Structured {
    @Override
    public String name() {
      return "linalg.slogdet";
    }

    @Override
    public Meta[] infer(Meta[] inputs) {
      Meta a = inputs[0];
      Matrices.checkSquare(name(), "A", a);
      Meta out = Matrices.like(a, Matrices.batch(a.shape()));
      return new Meta[] {out, out};
    }

    @Override
    public Saves saves() {
      return Saves.inputs(0);
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor[] gradients) {
      if (gradients[1] == null) {
        return new Tensor[] {saved.input(0).zerosLike()};
      }
      Tensor inverse = Dispatcher.call(new Solve.Inverse(), saved.input(0)).mT();
      return new Tensor[] {inverse.mul(gradients[1].unsqueeze(-1).unsqueeze(-1))};
    }
  }
}
