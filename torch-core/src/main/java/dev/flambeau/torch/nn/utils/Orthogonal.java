package dev.flambeau.torch.nn.utils;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.linalg.Linalg;
import dev.flambeau.torch.nn.Buffer;
import java.util.List;
import java.util.Optional;

/**
 * A matrix with orthonormal rows or columns, whichever are fewer (Lezcano-Casado 2019). PyTorch:
 * {@code torch.nn.utils.parametrizations.orthogonal}.
 */
final class Orthogonal extends Parametrization {
  @Buffer Optional<Tensor> base = Optional.empty();
  private final OrthogonalMap map;
  private final boolean trivialization;

  Orthogonal(OrthogonalMap map, boolean trivialization) {
    this.map = map;
    this.trivialization = trivialization;
  }

  @Override
  public Tensor forward(Tensor x) {
    boolean wide = x.size(-2) < x.size(-1);
    Tensor tall = wide ? x.mT() : x;
    Tensor q = map == OrthogonalMap.HOUSEHOLDER ? reflections(tall) : ofSkew(tall);
    Tensor placed = base.isPresent() ? base.get().matmul(q) : q;
    return wide ? placed.mT() : placed;
  }

  /** Exponential or Cayley transform of the skew-symmetric matrix of the lower triangle. */
  private Tensor ofSkew(Tensor x) {
    long rows = x.size(-2);
    long columns = x.size(-1);
    Tensor lower = x.tril(0);
    if (rows != columns) {
      long[] rest = x.shape().sizes();
      rest[rest.length - 1] = rows - columns;
      lower = Torch.cat(List.of(lower, x.detach().newZeros(rest)), -1);
    }
    Tensor skew = lower.sub(lower.mT());
    Tensor q;
    if (map == OrthogonalMap.MATRIX_EXP) {
      q = Linalg.matrixExp(skew);
    } else {
      Tensor one = Torch.eye(x.dtype(), rows, rows);
      q = Linalg.solve(one.sub(skew.mul(0.5)), one.add(skew.mul(0.5)), true);
    }
    return rows == columns ? q : q.narrow(-1, 0, columns);
  }

  /** The product of the reflections below the diagonal; the diagonal has the columns' signs. */
  private static Tensor reflections(Tensor x) {
    Tensor below = x.tril(-1);
    Tensor tau = below.square().sum(new int[] {-2}, false).add(1).reciprocal().mul(2);
    Tensor signs = x.detach().diagonal(0, -2, -1).trunc().unsqueeze(-2);
    return Linalg.householderProduct(below, tau).mul(signs);
  }

  @Override
  protected List<Tensor> rightInverse(Tensor value) {
    boolean wide = value.size(-2) < value.size(-1);
    Tensor q = wide ? value.mT() : value;
    Tensor original = trivialization ? based(q) : factored(q);
    return List.of(wide ? original.mT() : original);
  }

  /** Lets {@code q}, made orthogonal, be the result for minus the identity, which is returned. */
  private Tensor based(Tensor q) {
    long rows = q.size(-2);
    long columns = q.size(-1);
    Tensor square = q;
    if (rows != columns) {
      long[] rest = q.shape().sizes();
      rest[rest.length - 1] = rows - columns;
      square = Torch.cat(List.of(q, Torch.randn(q.dtype(), rest)), -1);
    }
    base = Optional.of(orthogonalized(square));
    Tensor identity = Torch.eye(q.dtype(), rows, columns);
    return q.newZeros(q.shape().sizes()).sub(identity);
  }

  private static Tensor orthogonalized(Tensor a) {
    Linalg.QR qr = Linalg.qr(a);
    Tensor signs = qr.r().diagonal(0, -2, -1).sign();
    return qr.q().mul(signs.unsqueeze(-2)).contiguous();
  }

  private Tensor factored(Tensor q) {
    if (map != OrthogonalMap.HOUSEHOLDER) {
      throw TorchException.argument(
          "orthogonal",
          "use_trivialization",
          false,
          "true to give a matrix its value by " + map + ", which has no inverse otherwise");
    }
    Linalg.QR reflections = Linalg.geqrf(q);
    Tensor a = reflections.q();
    Tensor tau = reflections.r();
    Tensor signs = a.diagonal(0, -2, -1).sign();
    Tensor flipped = Torch.where(tau.eq(0), signs.neg(), signs);
    long columns = q.size(-1);
    Tensor eye = Torch.eye(q.dtype(), q.size(-2), columns);
    return a.mul(eye.neg().add(1)).add(eye.mul(flipped.unsqueeze(-2)));
  }

  @Override
  public String typeName() {
    return "_Orthogonal";
  }
}
