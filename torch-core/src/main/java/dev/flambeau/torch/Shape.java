package dev.flambeau.torch;

import java.util.Arrays;

/** Sizes of a tensor's axes, outermost first; immutable. A 0-d shape has one element. */
public final class Shape {
  private static final Shape SCALAR = new Shape(new long[0]);
  private final long[] sizes;

  private Shape(long[] sizes) {
    this.sizes = sizes;
  }

  /**
   * The shape with these sizes.
   *
   * @throws TorchException if a size is negative or the number of elements exceeds 2^63-1
   */
  public static Shape of(long... sizes) {
    if (sizes.length == 0) {
      return SCALAR;
    }
    long count = 1;
    for (long size : sizes) {
      if (size < 0) {
        throw TorchException.shape(
            "shape", "sizes", Arrays.toString(sizes), "sizes of 0 or more (no -1 here)");
      }
      if (size != 0 && Math.multiplyHigh(count, size) != 0 || count * size < 0) {
        throw TorchException.shape(
            "shape", "sizes", Arrays.toString(sizes), "at most 2^63-1 elements");
      }
      count *= size;
    }
    return new Shape(sizes.clone());
  }

  public int rank() {
    return sizes.length;
  }

  /** Size of an axis; a negative axis counts from the end. */
  public long size(int axis) {
    return sizes[axis(axis)];
  }

  /** A copy of the sizes. */
  public long[] sizes() {
    return sizes.clone();
  }

  /** Number of elements. */
  public long numel() {
    long count = 1;
    for (long size : sizes) {
      count *= size;
    }
    return count;
  }

  /**
   * The axis counted from the front. A 0-d shape accepts -1 and 0, as in PyTorch.
   *
   * @throws TorchException if it is outside [-rank, rank-1]
   */
  public int axis(int axis) {
    int rank = Math.max(sizes.length, 1);
    if (axis < -rank || axis >= rank) {
      throw TorchException.argument(
          "axis",
          "dim",
          axis,
          "a dimension in [" + -rank + ", " + (rank - 1) + "] for shape " + this);
    }
    return axis < 0 ? axis + rank : axis;
  }

  /** The axes counted from the front, checked for repetition; none given means all. */
  public int[] axes(int... axes) {
    int[] result = new int[axes.length == 0 ? rank() : axes.length];
    long seen = 0;
    for (int i = 0; i < result.length; i++) {
      result[i] = axes.length == 0 ? i : axis(axes[i]);
      if ((seen & 1L << result[i]) != 0) {
        throw TorchException.argument(
            "axes", "dim", Arrays.toString(axes), "each dimension at most once");
      }
      seen |= 1L << result[i];
    }
    return result;
  }

  /**
   * The common shape of two operands: sizes are aligned at the end, 1 stretches. PyTorch: {@code
   * torch.broadcast_shapes}.
   */
  public Shape broadcast(Shape other, String operator) {
    if (equals(other)) {
      return this;
    }
    int rank = Math.max(rank(), other.rank());
    long[] out = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long a = i <= rank() ? sizes[rank() - i] : 1;
      long b = i <= other.rank() ? other.sizes[other.rank() - i] : 1;
      if (a != b && a != 1 && b != 1) {
        throw TorchException.shape(
            operator,
            "other",
            this + " and " + other,
            "shapes that broadcast: equal sizes or 1 at each axis counted from the end ("
                + a
                + " and "
                + b
                + " at axis -"
                + i
                + ")");
      }
      out[rank - i] = a == 1 ? b : a;
    }
    return new Shape(out);
  }

  /** This shape with the given axes removed, or set to 1 if {@code keepdim}. */
  public Shape reduce(int[] axes, boolean keepdim) {
    boolean[] reduced = new boolean[rank()];
    for (int axis : axes) {
      if (axis < reduced.length) {
        reduced[axis] = true;
      }
    }
    long[] out = new long[rank()];
    int n = 0;
    for (int i = 0; i < sizes.length; i++) {
      if (!reduced[i]) {
        out[n++] = sizes[i];
      } else if (keepdim) {
        out[n++] = 1;
      }
    }
    return n == 0 ? SCALAR : new Shape(Arrays.copyOf(out, n));
  }

  @Override
  public boolean equals(Object other) {
    return this == other || other instanceof Shape s && Arrays.equals(sizes, s.sizes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sizes);
  }

  /** As PyTorch prints it: {@code [2, 3]}. */
  @Override
  public String toString() {
    return Arrays.toString(sizes);
  }
}
