package dev.flambeau.torch.api;

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

  /** Axes {@code from} moved to the places {@code to}; the others keep their order. */
  default Tensor movedim(int[] from, int[] to) {
    int rank = self().dim();
    if (from.length != to.length) {
      throw TorchException.argument(
          "movedim",
          "source, destination",
          Arrays.toString(from) + ", " + Arrays.toString(to),
          "as many dimensions in both");
    }
    if (from.length == 0 || rank == 0) {
      return self();
    }
    int[] source = self().shape().axes(from);
    int[] target = self().shape().axes(to);
    int[] order = new int[rank];
    Arrays.fill(order, -1);
    boolean[] moved = new boolean[rank];
    for (int i = 0; i < source.length; i++) {
      order[target[i]] = source[i];
      moved[source[i]] = true;
    }
    int next = 0;
    for (int i = 0; i < rank; i++) {
      if (order[i] < 0) {
        while (moved[next]) {
          next++;
        }
        order[i] = next++;
      }
    }
    return permute(order);
  }

  /** An axis moved to another place; the others keep their order. */
  default Tensor movedim(int from, int to) {
    return movedim(new int[] {from}, new int[] {to});
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

  /** The other tensor's shape on the same storage. */
  default Tensor viewAs(Tensor other) {
    return view(other.shape().sizes());
  }

  /** The other tensor's shape; a view where possible. */
  default Tensor reshapeAs(Tensor other) {
    return reshape(other.shape().sizes());
  }

  /** Stretched to the other tensor's shape. */
  default Tensor expandAs(Tensor other) {
    return expand(other.shape());
  }

  /** All elements as a vector; a view where possible. */
  default Tensor ravel() {
    return reshape(-1);
  }

  private Shape inferred(String operator, long[] sizes) {
    return Shape.of(inferred(operator, sizes, self().numel()));
  }

  /** The sizes with what -1 stands for, so that they make {@code count} elements. */
  private static long[] inferred(String operator, long[] sizes, long count) {
    long[] out = sizes.clone();
    int open = -1;
    long known = 1;
    boolean negative = false;
    for (int i = 0; i < out.length; i++) {
      if (out[i] == -1 && open < 0) {
        open = i;
      } else {
        negative |= out[i] < 0;
        known *= out[i];
      }
    }
    boolean fits = !negative && (open < 0 ? known == count : known > 0 && count % known == 0);
    if (!fits) {
      throw TorchException.shape(
          operator,
          "shape",
          Arrays.toString(sizes),
          count + " elements in all, and one -1 that has one meaning");
    }
    if (open >= 0) {
      out[open] = count / known;
    }
    return out;
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

  /** An axis split into several; one size may be -1. */
  default Tensor unflatten(int axis, long... sizes) {
    int at = self().shape().axis(axis);
    long[] old = self().shape().sizes();
    if (sizes.length == 0 || old.length == 0) {
      throw TorchException.argument(
          "unflatten", "sizes", Arrays.toString(sizes), "sizes for an axis of " + self().shape());
    }
    long[] parts = Movement.inferred("unflatten", sizes, old[at]);
    long[] out = new long[old.length - 1 + parts.length];
    System.arraycopy(old, 0, out, 0, at);
    System.arraycopy(parts, 0, out, at, parts.length);
    System.arraycopy(old, at + 1, out, at + parts.length, old.length - at - 1);
    return view(out);
  }

  /** With at least this many dimensions: new ones in front, and for 3 one behind from 1-d on. */
  default Tensor atLeast(int dimensions) {
    Tensor x = self();
    if (x.dim() == 0 && dimensions > 0) {
      x = x.reshape(1);
    }
    if (x.dim() == 1 && dimensions > 1) {
      x = x.unsqueeze(0);
    }
    return x.dim() == 2 && dimensions > 2 ? x.unsqueeze(2) : x;
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
}
