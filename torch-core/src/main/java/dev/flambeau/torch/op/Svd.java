package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;

/**
 * U diag(S) Vh = A (..., m, n), singular values descending; U and Vh are square if {@code full},
 * else have min(m, n) columns and rows. Gradient: Giles (2008), by the first min(m, n) vectors; by
 * vectors it exists where singular values are distinct. PyTorch: {@code torch.linalg.svd}.
 */
public record Svd(boolean full) implements Structured {
  @Override
  public String name() {
    return "linalg.svd";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta a = inputs[0];
    Matrices.check(name(), "A", a);
    Shape batch = Matrices.batch(a.shape());
    long m = a.size(a.rank() - 2);
    long n = a.size(a.rank() - 1);
    long k = Math.min(m, n);
    return new Meta[] {
      Matrices.like(a, Matrices.shape(batch, m, full ? m : k)),
      Matrices.like(a, Matrices.shape(batch, k)),
      Matrices.like(a, Matrices.shape(batch, full ? n : k, n))
    };
  }

  @Override
  public Saves saves() {
    return Saves.outputs(0, 1, 2);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor s = saved.output(1);
    long k = s.size(-1);
    Tensor u = saved.output(0).narrow(-1, 0, k);
    Tensor vh = saved.output(2).narrow(-2, 0, k);
    if (gradients[0] == null && gradients[2] == null) {
      return new Tensor[] {u.mul(gradients[1].unsqueeze(-2)).matmul(vh)};
    }
    Tensor eye = Matrices.eye(s, k);
    Tensor squares = s.square();
    Tensor gaps = squares.unsqueeze(-2).sub(squares.unsqueeze(-1)).add(eye);
    Tensor inner = gradients[1] == null ? eye.mul(0) : gradients[1].diagEmbed();
    Tensor result = null;
    if (gradients[0] != null) {
      Tensor g = gradients[0].narrow(-1, 0, k);
      inner = inner.add(skew(u.mT().matmul(g)).div(gaps).mul(s.unsqueeze(-2)));
      if (u.size(-2) > k) {
        Tensor scaled = g.div(s.unsqueeze(-2));
        result = scaled.sub(u.matmul(u.mT().matmul(scaled))).matmul(vh);
      }
    }
    if (gradients[2] != null) {
      Tensor g = gradients[2].narrow(-2, 0, k);
      inner = inner.add(skew(vh.matmul(g.mT())).div(gaps).mul(s.unsqueeze(-1)));
      if (vh.size(-1) > k) {
        Tensor scaled = g.div(s.unsqueeze(-1));
        result = u.matmul(scaled.sub(scaled.matmul(vh.mT()).matmul(vh)));
      }
    }
    Tensor main = u.matmul(inner).matmul(vh);
    return new Tensor[] {result == null ? main : main.add(result)};
  }

  private static Tensor skew(Tensor x) {
    return x.sub(x.mT());
  }
}
