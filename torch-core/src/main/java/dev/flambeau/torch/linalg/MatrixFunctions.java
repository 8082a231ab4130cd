package dev.flambeau.torch.linalg;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.Matrices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Norms, ranks and functions of matrices: the second part of {@link Linalg}. */
abstract class MatrixFunctions extends Solvers {
  private static final int TAYLOR_TERMS = 18;

  MatrixFunctions() {}

  /** {@link Norms#vector}. */
  public static Tensor vectorNorm(Tensor x, double ord, int[] axes, boolean keepdim) {
    return Norms.vector(x, ord, axes, keepdim);
  }

  /**
   * The norm of matrices along two axes.
   *
   * @param ord "fro", "nuc", "1", "-1", "2", "-2", "inf" or "-inf"
   */
  public static Tensor matrixNorm(Tensor a, String ord, int[] axes, boolean keepdim) {
    return Norms.matrix(a, ord, axes, keepdim);
  }

  /**
   * A vector's or matrix' norm; the Euclidean one of all elements if no order is given.
   *
   * @param axes one (vectors), two (matrices), or none: all, at most two with an order
   */
  public static Tensor norm(Tensor a, Optional<String> ord, int[] axes, boolean keepdim) {
    return Norms.of(a, ord, axes, keepdim);
  }

  /** norm(A) norm(A^-1); the ratio of the singular values if no order is given. */
  public static Tensor cond(Tensor a, Optional<String> ord) {
    Matrices.check("linalg.cond", "A", a.meta());
    String p = ord.orElse("2");
    if (!p.equals("2") && !p.equals("-2")) {
      int[] axes = {-2, -1};
      Matrices.checkSquare("linalg.cond", "A", a.meta());
      return matrixNorm(a, p, axes, false).mul(matrixNorm(inv(a), p, axes, false));
    }
    if (a.numel() == 0) {
      return a.zeros(Matrices.batch(a.shape()));
    }
    Tensor s = Linalg.svdvals(a);
    Tensor largest = s.select(-1, 0);
    Tensor smallest = s.select(-1, -1);
    return p.equals("2") ? largest.div(smallest) : smallest.div(largest);
  }

  /** How many singular values exceed max(atol, rtol largest); defaults as {@link #pinv}'s. */
  public static Tensor matrixRank(
      Tensor a, Optional<Tensor> atol, Optional<Tensor> rtol, boolean hermitian) {
    Matrices.check("linalg.matrix_rank", "A", a.meta());
    Tensor x = a.detach();
    Tensor values = hermitian ? Linalg.eigvalsh(x, false).abs() : Linalg.svdvals(x);
    return Ranks.count(x, values, atol, rtol);
  }

  /** A^n by repeated squaring; of the inverse if n is negative, the identity if it is 0. */
  public static Tensor matrixPower(Tensor a, long n) {
    if (a.dim() < 2 || a.size(-1) != a.size(-2)) {
      throw TorchException.shape("linalg.matrix_power", "A", a.shape(), "square matrices");
    }
    if (n < 0) {
      return matrixPower(inv(a), -n);
    }
    if (n == 0) {
      // The gradient by A is 0, but there is one.
      return Matrices.eye(a, a.size(-1)).expand(a.shape()).add(a.mul(0));
    }
    Tensor square = a;
    Tensor result = null;
    for (long rest = n; rest > 0; rest >>= 1) {
      if ((rest & 1) != 0) {
        result = result == null ? square : result.matmul(square);
      }
      square = rest > 1 ? square.matmul(square) : square;
    }
    return result;
  }

  /**
   * exp(A) by scaling, Taylor's series and squaring (Moler and Van Loan 2003), computed in F64; so
   * gradients of any order exist.
   */
  public static Tensor matrixExp(Tensor a) {
    Matrices.checkSquare("linalg.matrix_exp", "A", a.meta());
    if (a.numel() == 0) {
      return a.add(0);
    }
    Tensor x = a.to(DType.F64);
    if (!Mode.checking()) {
      return capturedExp(x).to(a.dtype());
    }
    double norm = x.detach().abs().sum(new int[] {-2}, false).amax().item();
    int squarings = norm > 0.5 && norm < 0x1p100 ? Math.getExponent(norm) + 2 : 0;
    Tensor scaled = x.mul(Math.scalb(1.0, -squarings));
    Tensor sum = taylor(scaled);
    for (int i = 0; i < squarings; i++) {
      sum = sum.matmul(sum);
    }
    return sum.to(a.dtype());
  }

  private static Tensor taylor(Tensor scaled) {
    Tensor eye = Matrices.eye(scaled, scaled.size(-1));
    Tensor sum = eye;
    for (int i = TAYLOR_TERMS; i > 0; i--) {
      sum = eye.add(scaled.matmul(sum.expand(scaled.shape())).div(i));
    }
    return sum;
  }

  /** With as many squarings as norms up to 2^16 need, whatever the elements are: for captures. */
  private static Tensor capturedExp(Tensor x) {
    Tensor norm = x.abs().sum(new int[] {-2}, false).amax();
    Tensor squarings = norm.clamp(0x1p-8, 0x1p16).log2().floor().add(2).clampMin(0.0);
    Tensor sum = taylor(x.mul(squarings.neg().exp2()));
    for (int i = 0; i < 18; i++) {
      sum = Torch.where(squarings.gt(i), sum.matmul(sum), sum);
    }
    return sum;
  }

  /** Powers 0 .. n - 1 of each element along a new last axis; n is the size of the last axis. */
  public static Tensor vander(Tensor x, Optional<Long> n) {
    Tensor base = x.dim() == 0 ? x.unsqueeze(0) : x;
    long count = n.orElse(base.size(-1));
    if (count < 2 && n.isPresent()) {
      throw TorchException.argument("linalg.vander", "N", count, "a number of at least 2");
    }
    List<Tensor> powers = new ArrayList<>();
    Tensor power = base.onesLike();
    power = power.dtype() == DType.BOOL ? power.to(DType.I64) : power;
    for (long i = 0; i < count; i++) {
      powers.add(power.unsqueeze(-1));
      power = power.mul(base);
    }
    return Torch.cat(powers, -1);
  }

  /** The inverse of the map from the last axes to the first {@code ind} ones. */
  public static Tensor tensorinv(Tensor a, int ind) {
    if (ind < 1) {
      throw TorchException.argument("linalg.tensorinv", "ind", ind, "a number of at least 1");
    }
    long[] sizes = a.shape().sizes();
    int split = Math.min(ind, sizes.length);
    long rows = product(sizes, 0, split);
    if (rows != product(sizes, split, sizes.length)) {
      throw TorchException.shape(
          "linalg.tensorinv", "A", a.shape(), "as many elements before axis " + ind + " as after");
    }
    long[] turned = new long[sizes.length];
    System.arraycopy(sizes, split, turned, 0, sizes.length - split);
    System.arraycopy(sizes, 0, turned, sizes.length - split, split);
    return inv(a.reshape(rows, rows)).reshape(turned);
  }

  private static long product(long[] sizes, int from, int to) {
    return Arrays.stream(sizes, from, to).reduce(1, (x, y) -> x * y);
  }

  /**
   * X with tensordot(A, X, X's rank) = B.
   *
   * @param axes of A that are moved to the end before
   */
  public static Tensor tensorsolve(Tensor a, Tensor b, int... axes) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < a.dim(); i++) {
      order.add(i);
    }
    for (int axis : axes) {
      Integer checked = a.shape().axis(axis);
      order.remove(checked);
      order.add(checked);
    }
    Tensor moved = a.permute(order.stream().mapToInt(Integer::intValue).toArray());
    long[] sizes = moved.shape().sizes();
    long[] shape = Arrays.copyOfRange(sizes, Math.min(b.dim(), sizes.length), sizes.length);
    long columns = product(shape, 0, shape.length);
    if (columns != b.numel() || columns * columns != a.numel()) {
      throw TorchException.shape(
          "linalg.tensorsolve", "A", a.shape(), "the square of " + b.numel() + " elements");
    }
    return solve(moved.reshape(columns, columns), b.reshape(columns), true).reshape(shape);
  }

  /** The first columns of the product of the reflections in a (..., m, n) with factors tau. */
  public static Tensor householderProduct(Tensor a, Tensor tau) {
    return Reflections.product(a, tau);
  }

  /** Q C, Q^T C, C Q or C Q^T for the product Q of reflections. PyTorch: {@code torch.ormqr}. */
  public static Tensor ormqr(Tensor a, Tensor tau, Tensor c, boolean left, boolean transpose) {
    return Reflections.times(a, tau, c, left, transpose);
  }

  /** The product of several matrices in the cheapest order; the ends may be vectors. */
  public static Tensor multiDot(List<Tensor> matrices) {
    return Products.chain(matrices);
  }

  /** The sum of products along an axis. */
  public static Tensor vecdot(Tensor a, Tensor b, int axis) {
    if (a.dtype() != b.dtype()) {
      throw TorchException.type("linalg.vecdot", "y", b.dtype(), "the type of x, " + a.dtype());
    }
    return a.mul(b).sum(new int[] {axis}, false);
  }

  /** The cross product along an axis of size 3; other axes broadcast. */
  public static Tensor cross(Tensor a, Tensor b, int axis) {
    return Products.cross("linalg.cross", a, b, axis);
  }
}
