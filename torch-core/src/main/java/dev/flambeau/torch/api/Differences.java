package dev.flambeau.torch.api;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Differences, slopes and sums of trapezoids between neighbours. */
public sealed interface Differences extends Self permits Tensor {
  /** {@code x[i + 1] - x[i]} along the last axis; bool: whether they differ. */
  default Tensor diff() {
    return diff(1, -1);
  }

  /** Differences between neighbours along an axis, taken {@code times} times. */
  default Tensor diff(long times, int axis) {
    return diff(times, axis, Optional.empty(), Optional.empty());
  }

  /** The same, after {@code before} and {@code after} are put around the input. */
  default Tensor diff(long times, int axis, Optional<Tensor> before, Optional<Tensor> after) {
    if (self().dim() == 0 || times < 0) {
      throw TorchException.argument(
          "diff", "input, n", self().shape() + ", " + times, "at least one dimension, n of 0 up");
    }
    int at = self().shape().axis(axis);
    if (times == 0) {
      return self().copy();
    }
    List<Tensor> parts = new ArrayList<>();
    before.ifPresent(parts::add);
    parts.add(self());
    after.ifPresent(parts::add);
    Tensor t = parts.size() == 1 ? self() : Torch.cat(parts, at);
    long rounds = Math.min(times, t.size(at));
    for (long i = 0; i < rounds; i++) {
      long rest = Math.max(t.size(at) - 1, 0);
      Tensor next = t.narrow(at, Math.min(1, t.size(at)), rest);
      Tensor here = t.narrow(at, 0, rest);
      t = t.dtype() == DType.BOOL ? next.logicalXor(here) : next.sub(here);
    }
    return t.storage() == self().storage() ? t.copy() : t;
  }

  /** The integral along an axis by trapezoids of width {@code dx}. */
  default Tensor trapezoid(double dx, int axis) {
    return self().dim() > 0 && self().size(axis) == 0
        ? self().to(floating()).sum(axis)
        : pairs(axis).sum(axis).mul(dx / 2);
  }

  /** The integral along an axis by trapezoids over the places {@code x}, which are stretched. */
  default Tensor trapezoid(Tensor x, int axis) {
    return self().size(axis) == 0
        ? self().to(floating()).sum(axis)
        : pairs(axis).mul(widths(x, axis)).sum(axis).mul(0.5);
  }

  /** Running sums of {@link #trapezoid}. */
  default Tensor cumulativeTrapezoid(double dx, int axis) {
    return pairs(axis).cumsum(axis).mul(dx / 2);
  }

  /** Running sums of {@link #trapezoid}. */
  default Tensor cumulativeTrapezoid(Tensor x, int axis) {
    return pairs(axis).mul(widths(x, axis)).cumsum(axis).mul(0.5);
  }

  private DType floating() {
    return self().dtype().isFloat() ? self().dtype() : DType.F32;
  }

  private Tensor pairs(int axis) {
    if (self().dim() == 0) {
      throw TorchException.shape("trapezoid", "y", self().shape(), "at least one dimension");
    }
    int at = self().shape().axis(axis);
    long rest = Math.max(self().size(at) - 1, 0);
    return self().narrow(at, Math.min(1, self().size(at)), rest).add(self().narrow(at, 0, rest));
  }

  private Tensor widths(Tensor x, int axis) {
    int at = self().shape().axis(axis);
    Tensor places = x;
    if (x.dim() == 1 && self().dim() > 1) {
      if (x.size(0) != self().size(at)) {
        throw TorchException.shape(
            "trapezoid", "x", x.shape(), self().size(at) + " numbers, the size of dim " + at);
      }
      long[] sizes = new long[self().dim()];
      Arrays.fill(sizes, 1);
      sizes[at] = x.size(0);
      places = x.reshape(sizes);
    }
    return places.diff(1, at - self().dim());
  }

  /**
   * The slope along each of these axes (none: all) by central differences of second order, with
   * elements {@code spacing} apart; at the ends differences of order {@code edgeOrder}, 1 or 2.
   * PyTorch: {@code torch.gradient}.
   */
  default List<Tensor> gradient(double spacing, int edgeOrder, int... axes) {
    double[] each = new double[self().shape().axes(axes).length];
    Arrays.fill(each, spacing);
    return gradient(each, edgeOrder, axes);
  }

  /** The same, with one spacing an axis. */
  default List<Tensor> gradient(double[] spacing, int edgeOrder, int... axes) {
    int[] checked = checked(spacing.length, edgeOrder, axes);
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < checked.length; i++) {
      double step = spacing[i];
      int axis = checked[i];
      Tensor x = self();
      long n = x.size(axis);
      Tensor inner = x.narrow(axis, 2, n - 2).sub(x.narrow(axis, 0, n - 2)).div(2 * step);
      Tensor first = x.narrow(axis, 1, 1).sub(x.narrow(axis, 0, 1)).div(step);
      Tensor last = x.narrow(axis, n - 1, 1).sub(x.narrow(axis, n - 2, 1)).div(step);
      if (edgeOrder == 2) {
        first = secondOrder(axis, 0, 1, -1.5 / step, 2 / step, -0.5 / step);
        last = secondOrder(axis, n - 1, -1, 1.5 / step, -2 / step, 0.5 / step);
      }
      out.add(Torch.cat(List.of(first, inner, last), axis));
    }
    return out;
  }

  /** The same, with the elements at these places, one vector an axis. */
  default List<Tensor> gradient(List<Tensor> places, int edgeOrder, int... axes) {
    int[] checked = checked(places.size(), edgeOrder, axes);
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < checked.length; i++) {
      out.add(along(checked[i], places.get(i), edgeOrder));
    }
    return out;
  }

  private Tensor along(int axis, Tensor coordinates, int edgeOrder) {
    Tensor x = self();
    Tensor places = coordinates.detach();
    long n = x.size(axis);
    if (places.dim() != 1 || places.size(0) != n) {
      throw TorchException.shape(
          "gradient", "spacing", places.shape(), n + " numbers, the size of dim " + axis);
    }
    Tensor slopes = x.diff(1, axis).div(shaped(places.diff(), axis));
    Tensor widths = places.diff();
    Tensor left = shaped(widths.narrow(0, 0, n - 2), axis);
    Tensor right = shaped(widths.narrow(0, 1, n - 2), axis);
    Tensor below = slopes.narrow(axis, 0, n - 2);
    Tensor above = slopes.narrow(axis, 1, n - 2);
    Tensor inner = below.mul(right).add(above.mul(left)).div(left.add(right));
    Tensor first = slopes.narrow(axis, 0, 1);
    Tensor last = slopes.narrow(axis, n - 2, 1);
    if (edgeOrder == 2) {
      first = end(axis, slopes, shaped(widths, axis), 0, 1);
      last = end(axis, slopes, shaped(widths, axis), n - 2, n - 3);
    }
    return Torch.cat(List.of(first, inner, last), axis);
  }

  private Tensor shaped(Tensor vector, int axis) {
    long[] sizes = new long[self().dim()];
    Arrays.fill(sizes, 1);
    sizes[axis] = vector.numel();
    return vector.reshape(sizes);
  }

  /** The slope at an end from those of the two last gaps. */
  private static Tensor end(int axis, Tensor slopes, Tensor widths, long near, long far) {
    Tensor width = widths.narrow(axis, near, 1);
    Tensor share = width.div(width.add(widths.narrow(axis, far, 1)));
    return slopes
        .narrow(axis, near, 1)
        .mul(share.add(1))
        .sub(slopes.narrow(axis, far, 1).mul(share));
  }

  private Tensor secondOrder(int axis, long at, int step, double a, double b, double c) {
    Tensor x = self();
    return x.narrow(axis, at, 1)
        .mul(a)
        .add(x.narrow(axis, at + step, 1).mul(b))
        .add(x.narrow(axis, at + 2L * step, 1).mul(c));
  }

  private int[] checked(int spacings, int edgeOrder, int[] axes) {
    int[] checked = self().shape().axes(axes);
    if (edgeOrder != 1 && edgeOrder != 2) {
      throw TorchException.argument("gradient", "edge_order", edgeOrder, "1 or 2");
    }
    if (spacings != checked.length) {
      throw TorchException.argument(
          "gradient", "spacing", spacings + " spacings", "one for each of the dimensions");
    }
    for (int axis : checked) {
      if (self().size(axis) <= edgeOrder) {
        throw TorchException.shape(
            "gradient", "input", self().shape(), "sizes over edge_order, " + edgeOrder);
      }
    }
    return checked;
  }
}
