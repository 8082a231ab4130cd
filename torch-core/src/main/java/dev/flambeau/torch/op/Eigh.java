package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;

/**
 * Ascending eigenvalues (..., n) and orthonormal eigenvectors (columns of (..., n, n)) of symmetric
 * matrices, whose lower triangle is read. Gradient: Giles (2008); it exists where eigenvalues are
 * distinct, or for eigenvalues alone. PyTorch: {@code torch.linalg.eigh}.
 */
public record Eigh() implements Structured {
  @Override
  public String name() {
    return "linalg.eigh";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta a = inputs[0];
    Matrices.checkSquare(name(), "A", a);
    Shape batch = Matrices.batch(a.shape());
    return new Meta[] {
      Matrices.like(a, Matrices.shape(batch, a.size(a.rank() - 1))), Matrices.like(a, a.shape())
    };
  }

  @Override
  public Saves saves() {
    return Saves.outputs(0, 1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor values = saved.output(0);
    Tensor vectors = saved.output(1);
    if (gradients[1] == null) {
      return new Tensor[] {vectors.mul(gradients[0].unsqueeze(-2)).matmul(vectors.mT())};
    }
    Tensor eye = Matrices.eye(values, values.size(-1));
    Tensor gaps = values.unsqueeze(-2).sub(values.unsqueeze(-1)).add(eye);
    // Turning the vectors is a skew-symmetric motion; the rest of their gradient moves nothing.
    Tensor turn = vectors.mT().matmul(gradients[1]);
    Tensor inner = turn.sub(turn.mT()).mul(0.5).div(gaps);
    if (gradients[0] != null) {
      inner = inner.add(gradients[0].diagEmbed());
    }
    return new Tensor[] {vectors.matmul(inner).matmul(vectors.mT())};
  }
}
