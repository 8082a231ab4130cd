package dev.flambeau.torch.linalg;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.Matrices;

/**
 * Products of Householder reflections I - tau v v^T, whose vectors are below the diagonal of a
 * matrix, each with 1 on it; made of products with single vectors, so gradients follow.
 */
final class Reflections {
  private Reflections() {}

  static Tensor product(Tensor a, Tensor tau) {
    check("linalg.householder_product", a, tau);
    if (a.size(-2) < a.size(-1)) {
      throw TorchException.shape(
          "linalg.householder_product", "input", a.shape(), "at least as many rows as columns");
    }
    Tensor eye = Matrices.eye(a, a.size(-2)).narrow(-1, 0, a.size(-1));
    return apply(a, tau, eye.expand(a.shape()), false);
  }

  static Tensor times(Tensor a, Tensor tau, Tensor c, boolean left, boolean transpose) {
    check("ormqr", a, tau);
    Matrices.check("ormqr", "other", c.meta());
    if (c.dim() != a.dim() || c.size(left ? -2 : -1) != a.size(-2)) {
      throw TorchException.shape(
          "ormqr", "other", c.shape(), "an axis of the " + a.size(-2) + " rows of input");
    }
    return left ? apply(a, tau, c, transpose) : apply(a, tau, c.mT(), !transpose).mT();
  }

  private static void check(String operator, Tensor a, Tensor tau) {
    if (a.dim() >= 2 && tau.dim() >= 1 && tau.size(-1) > a.size(-1)) {
      throw TorchException.shape(
          operator, "tau", tau.shape(), "at most as many factors as input of " + a.shape());
    }
    Matrices.check(operator, "input", a.meta());
    if (tau.dim() != a.dim() - 1
        || !Matrices.batch(a.shape())
            .equals(tau.shape().reduce(new int[] {Math.max(tau.dim() - 1, 0)}, false))) {
      throw TorchException.shape(
          operator, "tau", tau.shape(), "factors for each matrix of input " + a.shape());
    }
    if (tau.dtype() != a.dtype()) {
      throw TorchException.type(operator, "tau", tau.dtype(), "the type of input, " + a.dtype());
    }
  }

  /** The product, or its transpose, times x. */
  private static Tensor apply(Tensor a, Tensor tau, Tensor x, boolean transpose) {
    long count = tau.size(-1);
    Tensor vectors = a.tril(-1);
    Tensor units = Matrices.eye(a, Math.max(a.size(-2), a.size(-1))).narrow(-2, 0, a.size(-2));
    Tensor result = x;
    for (long i = 0; i < count; i++) {
      long k = transpose ? i : count - 1 - i;
      Tensor v = vectors.narrow(-1, k, 1).add(units.narrow(-1, k, 1));
      Tensor scaled = v.mul(tau.narrow(-1, k, 1).unsqueeze(-1));
      result = result.sub(scaled.matmul(v.mT().matmul(result)));
    }
    return result;
  }
}
