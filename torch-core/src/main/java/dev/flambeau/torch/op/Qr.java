package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.List;

/**
 * Q R = A (..., m, n) by Householder reflections: orthogonal Q with min(m, n) columns, or m if
 * {@code complete}, upper triangular R. Gradient: Roberts and Roberts (2020, "QR and LQ
 * decomposition matrix backpropagation algorithms"). PyTorch: {@code torch.linalg.qr}.
 */
public record Qr(boolean complete) implements Structured {
  @Override
  public String name() {
    return "linalg.qr";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta a = inputs[0];
    Matrices.check(name(), "A", a);
    Shape batch = Matrices.batch(a.shape());
    long m = a.size(a.rank() - 2);
    long n = a.size(a.rank() - 1);
    long k = complete ? m : Math.min(m, n);
    return new Meta[] {
      Matrices.like(a, Matrices.shape(batch, m, k)), Matrices.like(a, Matrices.shape(batch, k, n))
    };
  }

  @Override
  public Saves saves() {
    return Saves.outputs(0, 1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor q = saved.output(0);
    Tensor r = saved.output(1);
    long m = q.size(-2);
    long n = r.size(-1);
    if (complete && m > n) {
      throw TorchException.gradient(
          "linalg.qr: mode='complete' has no gradient for more rows than columns; use 'reduced'");
    }
    Tensor byQ = gradients[0] == null ? q.zerosLike() : gradients[0];
    Tensor byR = gradients[1] == null ? r.zerosLike() : gradients[1];
    if (m >= n) {
      return new Tensor[] {tall(q, r, byQ, byR)};
    }
    // A = [X | Y] with X = Q U, Y = Q V: Y depends on Q.
    Tensor right = byR.narrow(-1, m, n - m);
    Tensor v = r.narrow(-1, m, n - m);
    Tensor byX =
        tall(q, r.narrow(-1, 0, m), byQ.add(q.matmul(v).matmul(right.mT())), byR.narrow(-1, 0, m));
    return new Tensor[] {Torch.cat(List.of(byX, q.matmul(right)), -1)};
  }

  private static Tensor tall(Tensor q, Tensor r, Tensor byQ, Tensor byR) {
    Tensor upper = byR.matmul(r.mT()).sub(q.mT().matmul(byQ)).triu(0);
    Tensor symmetric = upper.triu(0).add(upper.triu(1).mT());
    Tensor g = byQ.add(q.matmul(symmetric));
    return Matrices.solveTriangular(r, g.mT(), true, false).mT();
  }

  /** The reflections themselves: R with the vectors below it, and their factors tau. */
  public record Raw() implements Structured {
    @Override
    public String name() {
      return "geqrf";
    }

    @Override
    public Meta[] infer(Meta[] inputs) {
      Meta a = inputs[0];
      Matrices.check(name(), "input", a);
      long k = Math.min(a.size(a.rank() - 2), a.size(a.rank() - 1));
      return new Meta[] {
        Matrices.like(a, a.shape()), Matrices.like(a, Matrices.shape(Matrices.batch(a.shape()), k))
      };
    }

    @Override
    public Saves saves() {
      return Saves.NOTHING;
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor[] gradients) {
      throw TorchException.gradient("geqrf: the derivative is not defined; use linalg.qr");
    }
  }
}
