package dev.flambeau.torch.api;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.MatMul;

/** Products of matrices and vectors. */
public sealed interface LinearAlgebra extends Self permits Tensor {
  /**
   * Matrix product of the last two axes; leading axes broadcast, and a vector takes part as a row
   * on the left or a column on the right. PyTorch: {@code torch.matmul}.
   */
  default Tensor matmul(Tensor other) {
    Tensor a = self();
    if (a.dim() == 0 || other.dim() == 0) {
      throw TorchException.shape(
          "matmul", "operands", a.shape() + " x " + other.shape(), "at least one dimension each");
    }
    boolean row = a.dim() == 1;
    boolean column = other.dim() == 1;
    Tensor left = row ? a.unsqueeze(0) : a;
    Tensor right = column ? other.unsqueeze(1) : other;
    Tensor product = multiply(left, right);
    if (column) {
      product = product.squeeze(-1);
    }
    return row ? product.squeeze(column ? -1 : -2) : product;
  }

  /** A batch times one matrix is one product of a taller matrix. */
  private static Tensor multiply(Tensor a, Tensor b) {
    if (a.dim() > 2 && b.dim() == 2 && a.size(-1) == b.size(0)) {
      long[] sizes = a.shape().sizes();
      sizes[sizes.length - 1] = b.size(1);
      return multiply(a.flatten(0, -2), b).reshape(sizes);
    }
    return Dispatcher.call(new MatMul(), a, b);
  }

  /** The product of two matrices. */
  default Tensor mm(Tensor other) {
    requireAxes("mm", "input", self(), 2);
    requireAxes("mm", "mat2", other, 2);
    return self().matmul(other);
  }

  /** Products of two batches of matrices, 3-d each. */
  default Tensor bmm(Tensor other) {
    requireAxes("bmm", "input", self(), 3);
    requireAxes("bmm", "mat2", other, 3);
    if (self().size(0) != other.size(0)) {
      throw TorchException.shape(
          "bmm", "mat2", other.shape(), "a batch of " + self().size(0) + " matrices");
    }
    return self().matmul(other);
  }

  /** A matrix times a vector. */
  default Tensor mv(Tensor vector) {
    requireAxes("mv", "input", self(), 2);
    requireAxes("mv", "vec", vector, 1);
    return self().matmul(vector);
  }

  /** The sum of products of two vectors. */
  default Tensor dot(Tensor other) {
    requireAxes("dot", "input", self(), 1);
    requireAxes("dot", "tensor", other, 1);
    return self().matmul(other);
  }

  /** Sums of products over both last axes; a 0-d tensor is a factor. */
  default Tensor inner(Tensor other) {
    if (self().dim() == 0 || other.dim() == 0) {
      return self().mul(other);
    }
    if (self().size(-1) != other.size(-1)) {
      throw TorchException.shape("inner", "other", other.shape(), "last size " + self().size(-1));
    }
    long[] sizes = new long[self().dim() + other.dim() - 2];
    for (int i = 0; i < sizes.length; i++) {
      int lead = self().dim() - 1;
      sizes[i] = i < lead ? self().size(i) : other.size(i - lead);
    }
    long n = self().size(-1);
    long rows = rows(self());
    Tensor right = other.reshape(rows(other), n).t();
    return self().reshape(rows, n).matmul(right).reshape(sizes);
  }

  private static long rows(Tensor t) {
    long rows = 1;
    for (int i = 0; i < t.dim() - 1; i++) {
      rows *= t.size(i);
    }
    return rows;
  }

  /** Each element of a vector times each of another: (n), (m) to (n, m). */
  default Tensor outer(Tensor other) {
    requireAxes("outer", "input", self(), 1);
    requireAxes("outer", "vec2", other, 1);
    return self().unsqueeze(1).mul(other.unsqueeze(0));
  }

  /** {@code beta * this + alpha * a b} for matrices; this broadcasts. */
  default Tensor addmm(Tensor a, Tensor b, Number beta, Number alpha) {
    requireAxes("addmm", "mat1", a, 2);
    requireAxes("addmm", "mat2", b, 2);
    return plus("addmm", a.matmul(b), beta, alpha);
  }

  /** {@code beta * this + alpha * matrix vector}; this broadcasts. */
  default Tensor addmv(Tensor matrix, Tensor vector, Number beta, Number alpha) {
    return plus("addmv", matrix.mv(vector), beta, alpha);
  }

  /** {@code beta * this + alpha * outer(a, b)}; this broadcasts. */
  default Tensor addr(Tensor a, Tensor b, Number beta, Number alpha) {
    return plus("addr", a.outer(b), beta, alpha);
  }

  /** {@code beta * this + alpha * } batched products; this broadcasts. */
  default Tensor baddbmm(Tensor a, Tensor b, Number beta, Number alpha) {
    return plus("baddbmm", a.bmm(b), beta, alpha);
  }

  /** {@code beta * this + alpha * } the sum of batched products; this broadcasts. */
  default Tensor addbmm(Tensor a, Tensor b, Number beta, Number alpha) {
    return plus("addbmm", a.bmm(b).sum(new int[] {0}, false), beta, alpha);
  }

  /** beta 0 ignores this tensor, whatever is in it; integers take the factors as integers. */
  private Tensor plus(String operator, Tensor product, Number beta, Number alpha) {
    if (!self().shape().broadcast(product.shape(), operator).equals(product.shape())) {
      throw TorchException.shape(
          operator, "input", self().shape(), "a shape that broadcasts to " + product.shape());
    }
    if (self().dtype() != product.dtype()) {
      throw TorchException.type(
          operator, "input", self().dtype(), "the type of the product, " + product.dtype());
    }
    Tensor scaled = scaled(product, alpha);
    return beta.doubleValue() == 0 ? scaled : scaled(self(), beta).add(scaled);
  }

  private static Tensor scaled(Tensor x, Number factor) {
    if (factor.doubleValue() == 1) {
      return x;
    }
    if (x.dtype() == DType.BOOL) {
      return factor.doubleValue() == 0 ? x.zerosLike() : x;
    }
    return x.mul(x.dtype().isFloat() ? factor : (Number) factor.longValue());
  }

  private static void requireAxes(String operator, String argument, Tensor t, int axes) {
    if (t.dim() != axes) {
      throw TorchException.shape(
          operator, argument, t.shape(), axes + (axes == 1 ? " dimension" : " dimensions"));
    }
  }
}
