package dev.flambeau.torch.api;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Triangle;
import dev.flambeau.torch.op.View;
import dev.flambeau.torch.op.ViewScatter;
import dev.flambeau.torch.op.Views;
import java.util.Arrays;

/** Diagonals, triangles, windows and arbitrary strides. */
public sealed interface Diagonals extends Self permits Tensor {
  /** A copy with the source, converted to its type, in the place of a view. */
  static Tensor scatter(Tensor x, View view, Tensor source) {
    return Dispatcher.call(new ViewScatter(view), x, source.to(x.dtype()));
  }

  private Views.Diagonal view(String operator, long offset, int first, int second) {
    int a = self().shape().axis(first);
    int b = self().shape().axis(second);
    if (a == b || self().dim() < 2) {
      throw TorchException.argument(
          operator, "dim1, dim2", first + ", " + second, "two dimensions of " + self().shape());
    }
    return new Views.Diagonal(offset, a, b);
  }

  /**
   * Elements {@code [i, i + offset]} of two axes, as the last axis of a view; below the main
   * diagonal for a negative offset.
   */
  default Tensor diagonal(long offset, int first, int second) {
    return Dispatcher.call(view("diagonal", offset, first, second), self());
  }

  /** The diagonal of the first two axes. */
  default Tensor diagonal() {
    return diagonal(0, 0, 1);
  }

  /** A copy with {@code source} in the place of {@link #diagonal}. */
  default Tensor diagonalScatter(Tensor source, long offset, int first, int second) {
    return scatter(self(), view("diagonal_scatter", offset, first, second), source);
  }

  /** Zeros with the last axis on the diagonal of two new axes, counted in the result. */
  default Tensor diagEmbed(long offset, int first, int second) {
    int rank = self().dim() + 1;
    if (self().dim() == 0) {
      throw TorchException.shape("diag_embed", "input", self().shape(), "at least one dimension");
    }
    long size = self().size(-1) + Math.abs(offset);
    long[] sizes = new long[rank];
    Arrays.fill(sizes, 1);
    Shape result = Shape.of(sizes);
    int a = result.axis(first);
    int b = result.axis(second);
    if (a == b) {
      throw TorchException.argument(
          "diag_embed", "dim1, dim2", first + ", " + second, "two different dimensions");
    }
    int n = 0;
    for (int i = 0; i < rank; i++) {
      sizes[i] = i == a || i == b ? size : self().size(n++);
    }
    return self().zeros(Shape.of(sizes)).diagonalScatter(self(), offset, a, b);
  }

  /** Zeros with the last axis on the diagonal of two new last axes. */
  default Tensor diagEmbed() {
    return diagEmbed(0, -2, -1);
  }

  /** The diagonal of a matrix, or a matrix with this vector on the diagonal. */
  default Tensor diag(long offset) {
    return switch (self().dim()) {
      case 1 -> diagEmbed(offset, 0, 1);
      case 2 -> diagonal(offset, 0, 1).copy();
      default ->
          throw TorchException.shape("diag", "input", self().shape(), "one or two dimensions");
    };
  }

  /** A matrix with all elements on the diagonal. */
  default Tensor diagflat(long offset) {
    return self().reshape(-1).diag(offset);
  }

  /** The part of each matrix on and above a diagonal, zeros below. */
  default Tensor triu(long diagonal) {
    return Dispatcher.call(new Triangle(true, diagonal), self());
  }

  /** The part of each matrix on and below a diagonal, zeros above. */
  default Tensor tril(long diagonal) {
    return Dispatcher.call(new Triangle(false, diagonal), self());
  }

  /**
   * A view of all windows of {@code size} along an axis, {@code step} apart; their elements are a
   * new last axis.
   */
  default Tensor unfold(int axis, long size, long step) {
    int at = self().shape().axis(axis);
    long length = self().dim() == 0 ? 1 : self().size(at);
    if (size < 0 || size > length || step <= 0) {
      throw TorchException.argument(
          "unfold", "size, step", size + ", " + step, "a size up to " + length + ", a step over 0");
    }
    return Dispatcher.call(new Views.Unfold(at, size, step), self());
  }

  private Views.AsStrided strided(String operator, long[] sizes, long[] strides, long offset) {
    Layout layout = self().layout();
    Shape shape = Shape.of(sizes);
    boolean negative = offset < 0;
    for (long stride : strides) {
      negative |= stride < 0;
    }
    if (strides.length != sizes.length || negative) {
      throw TorchException.argument(
          operator,
          "stride, storage_offset",
          Arrays.toString(strides) + ", " + offset,
          "a stride of 0 or more for each of the sizes " + shape);
    }
    long room = self().storage().bytes() / self().dtype().bytes();
    if (Layout.of(shape, strides, offset).end() > room) {
      throw TorchException.argument(
          operator,
          "size, stride, storage_offset",
          shape + ", " + Arrays.toString(strides) + ", " + offset,
          "places within the storage of " + room + " elements");
    }
    return Views.AsStrided.of(shape, strides, offset - layout.offset());
  }

  /** A view with any strides; the offset counts elements from the start of the storage. */
  default Tensor asStrided(long[] sizes, long[] strides, long offset) {
    return Dispatcher.call(strided("as_strided", sizes, strides, offset), self());
  }

  /** A copy with {@code source} in the place of {@link #asStrided}; this tensor is dense. */
  default Tensor asStridedScatter(Tensor source, long[] sizes, long[] strides, long offset) {
    if (!self().layout().isDense()) {
      throw TorchException.shape(
          "as_strided_scatter", "input", self().layout(), "a tensor without gaps");
    }
    return scatter(self(), strided("as_strided_scatter", sizes, strides, offset), source);
  }
}
