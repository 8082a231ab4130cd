package dev.flambeau.torch.linalg;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Products of several matrices, of axes and of blocks. */
public final class Products {
  private Products() {}

  /** The cross product along an axis of size 3. */
  public static Tensor cross(String operator, Tensor a, Tensor b, int axis) {
    if (a.dim() != b.dim()) {
      throw TorchException.shape(
          operator, "other", b.shape(), "as many dimensions as input of shape " + a.shape());
    }
    int at = a.shape().axis(axis);
    if (a.dim() == 0 || a.size(at) != 3 || b.size(at) != 3) {
      throw TorchException.shape(
          operator, "input", a.shape() + ", other " + b.shape(), "size 3 at dim " + axis);
    }
    Tensor next = Torch.tensor(new long[] {1, 2, 0});
    Tensor last = Torch.tensor(new long[] {2, 0, 1});
    return a.indexSelect(at, next)
        .mul(b.indexSelect(at, last))
        .sub(a.indexSelect(at, last).mul(b.indexSelect(at, next)));
  }

  static Tensor chain(List<Tensor> matrices) {
    int count = matrices.size();
    if (count < 2) {
      throw TorchException.argument(
          "linalg.multi_dot", "tensors", count + " tensors", "at least two");
    }
    List<Tensor> all = new ArrayList<>(matrices);
    boolean row = all.get(0).dim() == 1;
    boolean column = all.get(count - 1).dim() == 1;
    all.set(0, row ? all.get(0).unsqueeze(0) : all.get(0));
    all.set(count - 1, column ? all.get(count - 1).unsqueeze(1) : all.get(count - 1));
    long[] sizes = new long[count + 1];
    for (int i = 0; i < count; i++) {
      Tensor m = all.get(i);
      if (m.dim() != 2 || i > 0 && m.size(0) != sizes[i]) {
        throw TorchException.shape(
            "linalg.multi_dot",
            "tensors[" + i + "]",
            matrices.get(i).shape(),
            i == 0 ? "a matrix or a vector" : "a matrix with " + sizes[i] + " rows");
      }
      sizes[i] = m.size(0);
      sizes[i + 1] = m.size(1);
    }
    Tensor product = multiply(all, order(sizes), 0, count - 1);
    product = column ? product.squeeze(1) : product;
    return row ? product.squeeze(0) : product;
  }

  /** Where to split each run of matrices for the fewest multiplications (Godbole 1973). */
  private static int[][] order(long[] sizes) {
    int n = sizes.length - 1;
    double[][] cost = new double[n][n];
    int[][] split = new int[n][n];
    for (int length = 1; length < n; length++) {
      for (int i = 0; i + length < n; i++) {
        int j = i + length;
        cost[i][j] = Double.POSITIVE_INFINITY;
        for (int k = i; k < j; k++) {
          double c = cost[i][k] + cost[k + 1][j] + (double) sizes[i] * sizes[k + 1] * sizes[j + 1];
          if (c < cost[i][j]) {
            cost[i][j] = c;
            split[i][j] = k;
          }
        }
      }
    }
    return split;
  }

  private static Tensor multiply(List<Tensor> all, int[][] split, int from, int to) {
    if (from == to) {
      return all.get(from);
    }
    int k = split[from][to];
    return multiply(all, split, from, k).matmul(multiply(all, split, k + 1, to));
  }

  /** Sums of products over pairs of axes; the other axes follow one another. */
  public static Tensor tensordot(Tensor a, Tensor b, int[] axesA, int[] axesB) {
    if (axesA.length != axesB.length) {
      throw TorchException.argument(
          "tensordot",
          "dims",
          Arrays.toString(axesA) + " and " + Arrays.toString(axesB),
          "as many axes of one as of the other");
    }
    int[] first = axesA.length == 0 ? axesA : a.shape().axes(axesA);
    int[] second = axesB.length == 0 ? axesB : b.shape().axes(axesB);
    long inner = 1;
    for (int i = 0; i < first.length; i++) {
      if (a.size(first[i]) != b.size(second[i])) {
        throw TorchException.shape(
            "tensordot", "b", b.shape(), "size " + a.size(first[i]) + " at dim " + second[i]);
      }
      inner *= a.size(first[i]);
    }
    int[] freeA = others(a.dim(), first);
    int[] freeB = others(b.dim(), second);
    long[] sizes = new long[freeA.length + freeB.length];
    long rows = 1;
    long columns = 1;
    for (int i = 0; i < freeA.length; i++) {
      sizes[i] = a.size(freeA[i]);
      rows *= sizes[i];
    }
    for (int i = 0; i < freeB.length; i++) {
      sizes[freeA.length + i] = b.size(freeB[i]);
      columns *= b.size(freeB[i]);
    }
    Tensor left = a.permute(joined(freeA, first)).reshape(rows, inner);
    Tensor right = b.permute(joined(second, freeB)).reshape(inner, columns);
    return left.matmul(right).reshape(sizes);
  }

  private static int[] others(int rank, int[] axes) {
    boolean[] taken = new boolean[rank];
    for (int axis : axes) {
      taken[axis] = true;
    }
    int[] rest = new int[rank - axes.length];
    int n = 0;
    for (int i = 0; i < rank; i++) {
      if (!taken[i]) {
        rest[n++] = i;
      }
    }
    return rest;
  }

  private static int[] joined(int[] a, int[] b) {
    int[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }

  /** Kronecker's product: each element of a times all of b. */
  public static Tensor kron(Tensor a, Tensor b) {
    int rank = Math.max(a.dim(), b.dim());
    long[] left = new long[2 * rank];
    long[] right = new long[2 * rank];
    long[] sizes = new long[rank];
    for (int i = 0; i < rank; i++) {
      int fromA = i - rank + a.dim();
      int fromB = i - rank + b.dim();
      left[2 * i] = fromA < 0 ? 1 : a.size(fromA);
      left[2 * i + 1] = 1;
      right[2 * i] = 1;
      right[2 * i + 1] = fromB < 0 ? 1 : b.size(fromB);
      sizes[i] = left[2 * i] * right[2 * i + 1];
    }
    return a.reshape(left).mul(b.reshape(right)).reshape(sizes);
  }
}
