package dev.flambeau.torch.api;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Copy;
import dev.flambeau.torch.op.Views;
import java.util.Arrays;

/** Other shapes and orders of the same elements: views where strides allow it. */
public sealed interface Movement extends Self permits Tensor {
  /** Axis i of the result is axis {@code axes[i]}. */
  default Tensor permute(int... axes) {
    if (axes.length != self().dim()) {
      throw TorchException.argument(
          "permute", "dims", Arrays.toString(axes), self().dim() + " dimensions");
    }
    int[] checked = axes.length == 0 ? axes : self().shape().axes(axes);
    return Dispatcher.call(new Views.Permute(Arrays.stream(checked).boxed().toList()), self());
  }

  /** Two axes swapped. */
  default Tensor transpose(int a, int b) {
    if (self().dim() == 0) {
      return self();
    }
    int[] axes = new int[self().dim()];
    Arrays.setAll(axes, i -> i);
    int first = self().shape().axis(a);
    int second = self().shape().axis(b);
    axes[first] = second;
    axes[second] = first;
    return permute(axes);
  }

  /** The last two axes swapped. */
  default Tensor mT() {
    return transpose(-2, -1);
  }

  /** A matrix transposed; a vector or number is returned as it is. */
  default Tensor t() {
    if (self().dim() > 2) {
      throw TorchException.shape("t", "input", self().shape(), "at most two dimensions");
    }
    return self().dim() < 2 ? self() : transpose(0, 1);
  }

  /** Another shape; one size may be -1. A view where possible, else a copy. */
  default Tensor reshape(long... sizes) {
    Shape shape = inferred("reshape", sizes);
    if (shape.equals(self().shape())) {
      return self();
    }
    boolean asView = self().layout().reshaped(shape).isPresent();
    return Dispatcher.call(new Views.Reshape(shape), asView ? self() : contiguous());
  }

  /** Another shape on the same storage; one size may be -1. */
  default Tensor view(long... sizes) {
    return Dispatcher.call(new Views.Reshape(inferred("view", sizes)), self());
  }

  private Shape inferred(String operator, long[] sizes) {
    long[] out = sizes.clone();
    int open = -1;
    long known = 1;
    for (int i = 0; i < out.length; i++) {
      if (out[i] == -1 && open < 0) {
        open = i;
      } else {
        known *= out[i];
      }
    }
    if (open >= 0 && known > 0) {
      out[open] = self().numel() / known;
      known *= out[open];
    }
    if (known != self().numel() || open >= 0 && out[open] < 0) {
      throw TorchException.shape(
          operator,
          "shape",
          Arrays.toString(sizes),
          self().numel() + " elements in all, as in " + self().shape());
    }
    return Shape.of(out);
  }

  /** Axes {@code start} to {@code end} (inclusive) as one. */
  default Tensor flatten(int start, int end) {
    if (self().dim() == 0) {
      return reshape(1);
    }
    int first = self().shape().axis(start);
    int last = self().shape().axis(end);
    if (first > last) {
      throw TorchException.argument("flatten", "start_dim", start, "not after end_dim, " + end);
    }
    long[] sizes = self().shape().sizes();
    long[] out = new long[sizes.length - (last - first)];
    System.arraycopy(sizes, 0, out, 0, first);
    out[first] = 1;
    for (int i = first; i <= last; i++) {
      out[first] *= sizes[i];
    }
    System.arraycopy(sizes, last + 1, out, first + 1, sizes.length - last - 1);
    return reshape(out);
  }

  /** All axes from {@code start} on as one. */
  default Tensor flatten(int start) {
    return flatten(start, -1);
  }

  /** A new axis of size 1 before {@code axis}; -1 appends it. */
  default Tensor unsqueeze(int axis) {
    int rank = self().dim();
    if (axis < -rank - 1 || axis > rank) {
      throw TorchException.argument(
          "unsqueeze", "dim", axis, "a dimension in [" + (-rank - 1) + ", " + rank + "]");
    }
    int at = axis < 0 ? axis + rank + 1 : axis;
    long[] sizes = new long[rank + 1];
    for (int i = 0; i <= rank; i++) {
      sizes[i] = i == at ? 1 : self().size(i < at ? i : i - 1);
    }
    return reshape(sizes);
  }

  /** Without the given axes where their size is 1; without any of size 1 if none are given. */
  default Tensor squeeze(int... axes) {
    if (self().dim() == 0) {
      return self();
    }
    boolean[] drop = new boolean[self().dim()];
    for (int axis : self().shape().axes(axes)) {
      drop[axis] = self().size(axis) == 1;
    }
    long[] sizes = new long[self().dim()];
    int n = 0;
    for (int i = 0; i < drop.length; i++) {
      if (!drop[i]) {
        sizes[n++] = self().size(i);
      }
    }
    return reshape(Arrays.copyOf(sizes, n));
  }

  /** Stretched to a shape without copying; -1 keeps a size. */
  default Tensor expand(long... sizes) {
    long[] out = sizes.clone();
    int lead = out.length - self().dim();
    for (int i = 0; i < out.length; i++) {
      if (out[i] == -1 && i >= lead && lead >= 0) {
        out[i] = self().size(i - lead);
      }
    }
    return expand(Shape.of(out));
  }

  default Tensor expand(Shape shape) {
    return shape.equals(self().shape()) ? self() : Dispatcher.call(new Views.Expand(shape), self());
  }

  /** Row-major; this tensor if it is so already. */
  default Tensor contiguous() {
    return self().isContiguous() ? self() : Dispatcher.call(new Copy(Copy.Order.ROW_MAJOR), self());
  }

  /** 4-d, stored N, H, W, C; PyTorch: {@code contiguous(memory_format=torch.channels_last)}. */
  default Tensor channelsLast() {
    if (self().dim() != 4) {
      throw TorchException.shape("channels_last", "input", self().shape(), "four dimensions");
    }
    return self().layout().isChannelsLast()
        ? self()
        : Dispatcher.call(new Copy(Copy.Order.CHANNELS_LAST), self());
  }

  /** A copy in fresh memory; PyTorch: {@code clone}. */
  default Tensor copy() {
    return Dispatcher.call(new Copy(Copy.Order.PRESERVE), self());
  }

  /** The dense layout with this tensor's order of axes, or row-major. */
  private Layout denseLayout() {
    Layout layout = self().layout();
    return layout.isDense() ? layout.sameOrder(layout.shape()) : Layout.contiguous(layout.shape());
  }

  default Tensor zerosLike() {
    return fullLike(0);
  }

  default Tensor onesLike() {
    return fullLike(1);
  }

  /** A tensor of this shape, type and order filled with {@code value}. */
  default Tensor fullLike(Number value) {
    return Indexing.full(self(), denseLayout(), value);
  }

  /** Zeros of another shape with this type and device; PyTorch: {@code new_zeros}. */
  default Tensor zeros(Shape shape) {
    return Indexing.full(self(), Layout.contiguous(shape), 0);
  }
}
