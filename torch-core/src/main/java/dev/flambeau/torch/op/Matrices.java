package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.Arrays;

/** Parts of matrices, the last two axes, and checks of them; made of other operators. */
public final class Matrices {
  private Matrices() {}

  /** The n x n identity with this tensor's type. */
  public static Tensor eye(Tensor like, long n) {
    return Torch.eye(like.dtype(), n, n);
  }

  /** The leading axes of matrices. */
  public static Shape batch(Shape matrices) {
    return Shape.of(Arrays.copyOf(matrices.sizes(), matrices.rank() - 2));
  }

  /** A shape with these leading axes. */
  public static Shape shape(Shape batch, long... last) {
    long[] sizes = Arrays.copyOf(batch.sizes(), batch.rank() + last.length);
    System.arraycopy(last, 0, sizes, batch.rank(), last.length);
    return Shape.of(sizes);
  }

  /** X with A X = B for a triangular A of the same leading axes. */
  public static Tensor solveTriangular(Tensor a, Tensor b, boolean upper, boolean unit) {
    return Dispatcher.call(new TriangularSolve(upper, unit), a, b);
  }

  /**
   * Checks a batch of matrices of F32 or F64.
   *
   * @throws TorchException naming the argument
   */
  public static void check(String operator, String argument, Meta x) {
    if (x.rank() < 2) {
      throw TorchException.shape(operator, argument, x.shape(), "at least 2 dimensions");
    }
    checkType(operator, argument, x);
  }

  static void checkType(String operator, String argument, Meta x) {
    if (!x.dtype().isFloat() || x.dtype().bytes() < 4) {
      throw TorchException.type(operator, argument, x.dtype(), "float32 or float64");
    }
  }

  /** The same for square matrices. */
  public static void checkSquare(String operator, String argument, Meta x) {
    check(operator, argument, x);
    if (x.size(x.rank() - 1) != x.size(x.rank() - 2)) {
      throw TorchException.shape(operator, argument, x.shape(), "square matrices");
    }
  }

  static Meta like(Meta x, Shape shape) {
    return Meta.contiguous(x.dtype(), x.device(), shape);
  }

  static Meta integers(Meta x, Shape shape) {
    return Meta.contiguous(DType.I32, x.device(), shape);
  }
}
