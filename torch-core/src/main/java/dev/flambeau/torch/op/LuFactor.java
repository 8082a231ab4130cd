package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.List;

/**
 * P L U = A (..., m, n) by Gaussian elimination with row exchanges: L (unit diagonal not stored)
 * and U in one matrix, the exchanges as LAPACK's getrf gives them (I32, from 1), and I32 (...): 0,
 * or the first zero on the diagonal of U. PyTorch: {@code torch.linalg.lu_factor_ex}.
 */
public record LuFactor(boolean pivot) implements Structured {
  @Override
  public String name() {
    return "linalg.lu_factor";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta a = inputs[0];
    Matrices.check(name(), "A", a);
    Shape batch = Matrices.batch(a.shape());
    long count = Math.min(a.size(a.rank() - 2), a.size(a.rank() - 1));
    return new Meta[] {
      Matrices.like(a, a.shape()),
      Matrices.integers(a, Matrices.shape(batch, count)),
      Matrices.integers(a, batch)
    };
  }

  @Override
  public Saves saves() {
    return Saves.outputs(0, 1);
  }

  /**
   * The derivative of elimination; for matrices that are not square the free block is eliminated
   * first (Walter and Lehmann 2010, extended to rectangles).
   */
  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor lu = saved.output(0);
    Tensor g = gradients[0];
    long m = lu.size(-2);
    long n = lu.size(-1);
    long k = Math.min(m, n);
    Tensor square = lu.narrow(-2, 0, k).narrow(-1, 0, k);
    Tensor lower = square.tril(-1).add(Matrices.eye(lu, k));
    Tensor upper = square.triu(0);
    Tensor top = g.narrow(-2, 0, k).narrow(-1, 0, k);
    Tensor byLower = lower.mT().matmul(top.tril(-1));
    Tensor byUpper = top.triu(0).matmul(upper.mT());
    if (m < n) {
      Tensor rest = g.narrow(-1, k, n - k);
      byLower = byLower.sub(rest.matmul(lu.narrow(-1, k, n - k).mT()));
    } else if (m > n) {
      Tensor rest = g.narrow(-2, k, m - k);
      byUpper = byUpper.sub(lu.narrow(-2, k, m - k).mT().matmul(rest));
    }
    Tensor middle = byLower.tril(-1).add(byUpper.triu(0));
    // middle U^-T = (U^-1 middle^T)^T
    Tensor right = Matrices.solveTriangular(upper, middle.mT(), true, false).mT();
    Tensor byA = Matrices.solveTriangular(lower.mT(), right, true, true);
    if (m < n) {
      Tensor rest = g.narrow(-1, k, n - k);
      Tensor wide = Matrices.solveTriangular(lower.mT(), rest, true, true);
      byA = Torch.cat(List.of(byA, wide), -1);
    } else if (m > n) {
      Tensor rest = g.narrow(-2, k, m - k);
      Tensor tall = Matrices.solveTriangular(upper, rest.mT(), true, false).mT();
      byA = Torch.cat(List.of(byA, tall), -2);
    }
    return new Tensor[] {permuteBack(byA, saved.output(1))};
  }

  /** Row i to row permutation[i]. */
  private static Tensor permuteBack(Tensor x, Tensor pivots) {
    Tensor rows = Dispatcher.call(new Permutation(x.size(-2)), pivots);
    Tensor index = rows.unsqueeze(-1).expand(x.shape());
    return x.zeros(x.shape()).scatterAdd(-2, index, x);
  }

  /** Row exchanges (I32, from 1) as a permutation (I64, from 0): row i of P^T A is A's row p[i]. */
  public record Permutation(long rows) implements Structured {
    @Override
    public String name() {
      return "lu_permutation";
    }

    @Override
    public Meta[] infer(Meta[] inputs) {
      Shape pivots = inputs[0].shape();
      if (pivots.rank() < 1 || inputs[0].dtype() != DType.I32) {
        throw TorchException.type(
            "lu_unpack", "pivots", inputs[0].dtype() + " " + pivots, "int32 with 1 or more axes");
      }
      long[] sizes = pivots.sizes();
      sizes[sizes.length - 1] = rows;
      return new Meta[] {Meta.contiguous(DType.I64, inputs[0].device(), Shape.of(sizes))};
    }

    @Override
    public Saves saves() {
      return Saves.NOTHING;
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor[] gradients) {
      return new Tensor[1];
    }
  }
}
