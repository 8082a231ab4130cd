package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;

/**
 * The Moore-Penrose inverse (..., n, m) of A (..., m, n); singular values up to max(atol, rtol
 * largest) count as 0, both given for each matrix (...), F64. {@code hermitian} reads the lower
 * triangle of a symmetric matrix. Gradient: Golub and Pereyra (1973). PyTorch: {@code
 * torch.linalg.pinv}.
 */
public record PseudoInverse(boolean hermitian) implements Structured {
  @Override
  public String name() {
    return "linalg.pinv";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta a = inputs[0];
    if (hermitian) {
      Matrices.checkSquare(name(), "A", a);
    } else {
      Matrices.check(name(), "A", a);
    }
    return new Meta[] {
      Matrices.like(
          a, Matrices.shape(Matrices.batch(a.shape()), a.size(a.rank() - 1), a.size(a.rank() - 2)))
    };
  }

  @Override
  public Saves saves() {
    return new Saves(1, 1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor a = saved.input(0);
    Tensor p = saved.output(0);
    Tensor pt = p.mT();
    Tensor g = gradients[0].mT();
    Tensor byA;
    if (a.size(-2) <= a.size(-1)) {
      Tensor k = g.matmul(p);
      Tensor kp = k.matmul(pt);
      byA =
          kp.sub(p.matmul(k).mT())
              .sub(a.matmul(p).matmul(kp))
              .add(pt.matmul(p).matmul(g.sub(k.matmul(a))));
    } else {
      Tensor k = p.matmul(g);
      Tensor pk = pt.matmul(k);
      byA =
          pk.sub(k.matmul(p).mT())
              .add(g.sub(a.matmul(k)).matmul(p).matmul(pt))
              .sub(pk.matmul(p).matmul(a));
    }
    return new Tensor[] {byA, null, null};
  }
}
