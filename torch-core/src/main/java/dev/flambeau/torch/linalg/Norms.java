package dev.flambeau.torch.linalg;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.Arrays;
import java.util.Optional;

/** Norms of vectors and matrices. */
public final class Norms {
  private Norms() {}

  /** The p-norm along axes, all if none are given. */
  public static Tensor vector(Tensor x, double p, int[] axes, boolean keepdim) {
    if (!x.dtype().isFloat()) {
      throw TorchException.type("linalg.vector_norm", "x", x.dtype(), "a floating point type");
    }
    for (int axis : axes) {
      x.shape().axis(axis);
    }
    return x.norm(p, x.dim() == 0 ? new int[0] : axes, keepdim);
  }

  static Tensor of(Tensor a, Optional<String> ord, int[] axes, boolean keepdim) {
    if (ord.isEmpty()) {
      return vector(a, 2, axes, keepdim);
    }
    int count = axes.length == 0 ? a.dim() : axes.length;
    if (count == 0 || count > 2) {
      throw TorchException.argument(
          "linalg.norm", "dim", count + " axes of " + a.shape(), "1 or 2 axes with an order");
    }
    if (count == 2) {
      return matrix(a, ord.get(), axes.length == 0 ? new int[] {0, 1} : axes, keepdim);
    }
    return vector(a, number("linalg.norm", ord.get()), axes, keepdim);
  }

  private static double number(String operator, String ord) {
    try {
      return ord.equals("inf")
          ? Double.POSITIVE_INFINITY
          : ord.equals("-inf") ? Double.NEGATIVE_INFINITY : Double.parseDouble(ord);
    } catch (NumberFormatException e) {
      throw TorchException.argument(operator, "ord", ord, "a number, inf or -inf for vectors");
    }
  }

  static Tensor matrix(Tensor a, String ord, int[] axes, boolean keepdim) {
    if (!a.dtype().isFloat()) {
      throw TorchException.type("linalg.matrix_norm", "A", a.dtype(), "a floating point type");
    }
    if (axes.length != 2 || a.dim() < 2) {
      throw TorchException.argument(
          "linalg.matrix_norm", "dim", Arrays.toString(axes), "two axes of at least two");
    }
    int[] checked = a.shape().axes(axes);
    if (ord.equals("fro")) {
      return vector(a, 2, axes, keepdim);
    }
    double p = ord.equals("nuc") ? 0 : number("linalg.matrix_norm", ord);
    if (!ord.equals("nuc") && Math.abs(p) != 1 && Math.abs(p) != 2 && !Double.isInfinite(p)) {
      throw TorchException.argument(
          "linalg.matrix_norm", "ord", ord, "fro, nuc, inf, -inf, 1, -1, 2 or -2");
    }
    Tensor last = lastTwo(a, checked[0], checked[1]);
    Tensor norm = ord.equals("nuc") || Math.abs(p) == 2 ? spectral(last, ord, p) : sums(last, p);
    Shape kept = a.shape().reduce(checked, keepdim);
    return norm.reshape(kept.sizes());
  }

  private static Tensor lastTwo(Tensor a, int row, int column) {
    int[] order = new int[a.dim()];
    int n = 0;
    for (int i = 0; i < order.length; i++) {
      if (i != row && i != column) {
        order[n++] = i;
      }
    }
    order[n] = row;
    order[n + 1] = column;
    return a.permute(order);
  }

  private static Tensor sums(Tensor a, double p) {
    int[] first = {Math.abs(p) == 1 ? -2 : -1};
    int[] second = {-1};
    Tensor sums = a.abs().sum(first, false);
    return p > 0 ? sums.amax(second, false) : sums.amin(second, false);
  }

  private static Tensor spectral(Tensor a, String ord, double p) {
    Tensor s = Linalg.svdvals(a.dtype().bytes() < 4 ? a.to(DType.F32) : a);
    int[] last = {-1};
    return ord.equals("nuc")
        ? s.sum(last, false)
        : p > 0 ? s.amax(last, false) : s.amin(last, false);
  }
}
