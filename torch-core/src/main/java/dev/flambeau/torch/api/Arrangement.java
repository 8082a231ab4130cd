package dev.flambeau.torch.api;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Flip;
import java.util.Arrays;
import java.util.List;

/** Copies of the elements in another order, or several times. */
public sealed interface Arrangement extends Self permits Tensor {
  /** The order along these axes reversed; no axes: a copy. */
  default Tensor flip(int... axes) {
    int[] checked = axes.length == 0 || self().dim() == 0 ? new int[0] : self().shape().axes(axes);
    return Dispatcher.call(new Flip(Arrays.stream(checked).boxed().toList()), self());
  }

  /** Columns in reversed order; at least two dimensions. */
  default Tensor fliplr() {
    if (self().dim() < 2) {
      throw TorchException.shape("fliplr", "input", self().shape(), "at least two dimensions");
    }
    return flip(1);
  }

  /** Rows in reversed order; at least one dimension. */
  default Tensor flipud() {
    if (self().dim() < 1) {
      throw TorchException.shape("flipud", "input", self().shape(), "at least one dimension");
    }
    return flip(0);
  }

  /** All elements in row-major order moved on by {@code shift}, the last coming first again. */
  default Tensor roll(long shift) {
    return self().reshape(-1).roll(new long[] {shift}, 0).reshape(self().shape().sizes());
  }

  /** Elements moved on along axes, the last coming first again; one shift an axis. */
  default Tensor roll(long[] shifts, int... axes) {
    if (shifts.length == 0 || shifts.length != axes.length) {
      throw TorchException.argument(
          "roll",
          "shifts, dims",
          Arrays.toString(shifts) + ", " + Arrays.toString(axes),
          "one shift for each dimension, at least one");
    }
    Tensor t = self();
    for (int i = 0; i < shifts.length; i++) {
      int axis = self().shape().axis(axes[i]);
      long size = self().dim() == 0 ? 1 : self().size(axis);
      long shift = size == 0 ? 0 : Math.floorMod(shifts[i], size);
      if (shift > 0) {
        Tensor tail = t.narrow(axis, size - shift, shift);
        t = Torch.cat(List.of(tail, t.narrow(axis, 0, size - shift)), axis);
      }
    }
    return t == self() ? self().copy() : t;
  }

  /** The zero of frequencies moved from the front to the middle of these axes (none: all). */
  default Tensor fftshift(int... axes) {
    return halfRoll(true, axes);
  }

  /** Undoes {@link #fftshift}. */
  default Tensor ifftshift(int... axes) {
    return halfRoll(false, axes);
  }

  private Tensor halfRoll(boolean forward, int[] axes) {
    int[] checked = self().dim() == 0 ? new int[] {0} : self().shape().axes(axes);
    long[] shifts = new long[checked.length];
    for (int i = 0; i < shifts.length; i++) {
      long size = self().dim() == 0 ? 1 : self().size(checked[i]);
      shifts[i] = forward ? size / 2 : (size + 1) / 2;
    }
    return roll(shifts, checked);
  }

  /** Turned {@code times} quarters from the first axis toward the second. */
  default Tensor rot90(int times, int first, int second) {
    if (self().dim() < 2) {
      throw TorchException.shape("rot90", "input", self().shape(), "at least two dimensions");
    }
    int a = self().shape().axis(first);
    int b = self().shape().axis(second);
    if (a == b) {
      throw TorchException.argument(
          "rot90", "dims", first + ", " + second, "two different dimensions");
    }
    return switch (Math.floorMod(times, 4)) {
      case 1 -> flip(b).transpose(a, b);
      case 2 -> flip(a, b);
      case 3 -> flip(a).transpose(a, b);
      default -> self().copy();
    };
  }

  /** The tensor side by side with itself, so many times along each axis; more axes add new ones. */
  default Tensor repeat(long... times) {
    int rank = times.length;
    int lead = rank - self().dim();
    if (lead < 0 || Arrays.stream(times).anyMatch(n -> n < 0)) {
      throw TorchException.argument(
          "repeat",
          "repeats",
          Arrays.toString(times),
          "numbers of 0 or more, at least as many as dimensions of " + self().shape());
    }
    long[] split = new long[2 * rank];
    long[] wide = new long[2 * rank];
    long[] sizes = new long[rank];
    for (int i = 0; i < rank; i++) {
      long size = i < lead ? 1 : self().size(i - lead);
      split[2 * i] = 1;
      split[2 * i + 1] = size;
      wide[2 * i] = times[i];
      wide[2 * i + 1] = size;
      sizes[i] = times[i] * size;
    }
    Tensor t = self().reshape(split).expand(Shape.of(wide)).reshape(sizes);
    return t.storage() == self().storage() ? t.copy() : t;
  }

  /** {@link #repeat} with ones in front of {@code times} where they are fewer than the axes. */
  default Tensor tile(long... times) {
    long[] all = new long[Math.max(times.length, self().dim())];
    Arrays.fill(all, 1);
    System.arraycopy(times, 0, all, all.length - times.length, times.length);
    return repeat(all);
  }

  /** Each element of the flattened tensor so many times in a row. */
  default Tensor repeatInterleave(long times) {
    return self().reshape(-1).repeatInterleave(times, 0);
  }

  /** Each slice of an axis so many times in a row. */
  default Tensor repeatInterleave(long times, int axis) {
    if (times < 0) {
      throw TorchException.argument("repeat_interleave", "repeats", times, "0 or more");
    }
    Tensor x = self().dim() == 0 ? self().reshape(1) : self();
    int at = x.shape().axis(axis);
    long[] sizes = x.shape().sizes();
    long[] wide = x.unsqueeze(at + 1).shape().sizes();
    wide[at + 1] = times;
    sizes[at] *= times;
    Tensor t = x.unsqueeze(at + 1).expand(Shape.of(wide)).reshape(sizes);
    return t.storage() == self().storage() ? t.copy() : t;
  }

  /** Slice i of an axis {@code times[i]} times in a row; one number counts for all. */
  default Tensor repeatInterleave(Tensor times, int axis) {
    Tensor x = self().dim() == 0 ? self().reshape(1) : self();
    int at = x.shape().axis(axis);
    if (times.dtype() != DType.I64 && times.dtype() != DType.I32 || times.dim() > 1) {
      throw TorchException.argument(
          "repeat_interleave",
          "repeats",
          times.dtype() + " " + times.shape(),
          "int64 or int32 with at most one dimension");
    }
    if (times.numel() != 1 && times.numel() != x.size(at)) {
      throw TorchException.shape(
          "repeat_interleave", "repeats", times.shape(), "1 or " + x.size(at) + " numbers");
    }
    if (times.numel() == 1) {
      return repeatInterleave(Mode.counting(times), axis);
    }
    if (Mode.checking() && times.lt(0).any().itemLong() != 0) {
      throw TorchException.argument("repeat_interleave", "repeats", times, "numbers of 0 or more");
    }
    Tensor ends = times.to(DType.I64).cumsum(0);
    long total = times.numel() == 0 ? 0 : Mode.counting(ends.select(0, -1));
    Tensor places = ends.searchsorted(Torch.arange(total), true);
    return x.indexSelect(at, places.clampMax(x.size(at) - 1));
  }

  /** All combinations of r elements of a vector, one a row; PyTorch: {@code combinations}. */
  default Tensor combinations(int r, boolean withReplacement) {
    if (self().dim() != 1 || r < 0) {
      throw TorchException.argument(
          "combinations", "input, r", self().shape() + ", " + r, "one dimension, r of 0 or more");
    }
    if (r == 0) {
      return self().zeros(Shape.of(0));
    }
    long n = self().size(0);
    Tensor rows = Torch.arange(n).reshape(-1, 1);
    for (int i = 1; i < r; i++) {
      Tensor last = rows.select(1, i - 1);
      Tensor wide = last.unsqueeze(1).expand(last.numel(), n);
      Tensor next = Torch.arange(n).expand(last.numel(), n);
      Tensor fits = withReplacement ? next.ge(wide) : next.gt(wide);
      Tensor at = fits.nonzero();
      Tensor prefix = rows.indexSelect(0, at.select(1, 0));
      rows = Torch.cat(List.of(prefix, at.narrow(1, 1, 1)), 1);
    }
    return self().take(rows);
  }
}
