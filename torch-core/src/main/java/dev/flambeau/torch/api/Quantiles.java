package dev.flambeau.torch.api;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.api.Reductions.ValuesIndices;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/** Elements picked by their rank. NaN ranks above all numbers. */
public sealed interface Quantiles extends Self permits Tensor {
  /** What a quantile between two elements is. */
  enum Interpolation {
    LINEAR,
    LOWER,
    HIGHER,
    MIDPOINT,
    /** The nearer one; halfway the one of even rank. */
    NEAREST
  }

  /** At least one axis, which is the last one. */
  private static Tensor line(Tensor x, int axis) {
    int at = x.shape().axis(axis);
    return x.dim() == 0 ? x.reshape(1) : x.transpose(at, -1);
  }

  /** Puts the last axis, of size 1, back to its place or drops it. */
  private static Tensor back(Tensor picked, Tensor x, int axis, boolean keepdim) {
    if (x.dim() == 0) {
      return picked.reshape();
    }
    Tensor placed = picked.transpose(x.shape().axis(axis), -1);
    return keepdim ? placed : placed.squeeze(x.shape().axis(axis));
  }

  private static void requireElements(String operator, Tensor line) {
    if (line.size(-1) == 0) {
      throw TorchException.shape(
          operator, "input", line.shape(), "at least one element along the axis");
    }
  }

  /** The elements at these places (last axis of size 1) of the sorted lines. */
  private ValuesIndices pick(ValuesIndices sorted, Tensor places, int axis, boolean keepdim) {
    return new ValuesIndices(
        back(sorted.values().gather(-1, places), self(), axis, keepdim),
        back(sorted.indices().gather(-1, places), self(), axis, keepdim));
  }

  /** How many numbers, not NaN, are in each line. */
  private static Tensor numbers(Tensor line) {
    Tensor x = line.detach();
    return x.eq(x).sum(new int[] {-1}, true);
  }

  /** The k-th smallest element along an axis, from 1 on, and where it is. */
  default ValuesIndices kthvalue(long k, int axis, boolean keepdim) {
    Tensor line = line(self(), axis);
    if (k < 1 || k > line.size(-1)) {
      throw TorchException.argument(
          "kthvalue", "k", k, "a rank in [1, " + line.size(-1) + "], the size of the axis");
    }
    Tensor places = numbers(line).fullLike(k - 1);
    return ((Quantiles) self()).pick(line.sort(-1, false), places, axis, keepdim);
  }

  /** The middle element, the lower one of two; NaN if there is one. */
  default Tensor median() {
    return self().numel() == 0
        ? self().sum().mul(Double.NaN)
        : self().reshape(-1).median(0, false).values();
  }

  /** The middle element along an axis, the lower one of two; NaN if there is one. */
  default ValuesIndices median(int axis, boolean keepdim) {
    Tensor line = line(self(), axis);
    requireElements("median", line);
    long size = line.size(-1);
    Tensor numbers = numbers(line);
    Tensor places = Elementwise.where(numbers.eq(size), numbers.fullLike((size - 1) / 2), numbers);
    return ((Quantiles) self()).pick(line.sort(-1, false), places, axis, keepdim);
  }

  /** The middle one of what is a number; NaN only if nothing is. */
  default Tensor nanmedian() {
    return self().numel() == 0 ? median() : self().reshape(-1).nanmedian(0, false).values();
  }

  /** The middle one along an axis of what is a number; NaN only if nothing is. */
  default ValuesIndices nanmedian(int axis, boolean keepdim) {
    Tensor line = line(self(), axis);
    requireElements("nanmedian", line);
    Tensor places = numbers(line).sub(1).clampMin(0).floorDivide(2);
    return ((Quantiles) self()).pick(line.sort(-1, false), places, axis, keepdim);
  }

  /** The most frequent element, the smallest of several, and where it is last. */
  default ValuesIndices mode(int axis, boolean keepdim) {
    Tensor line = line(self(), axis);
    requireElements("mode", line);
    ValuesIndices sorted = line.sort(-1, false);
    long rest = line.size(-1) - 1;
    Tensor x = sorted.values().detach();
    Tensor place = Torch.arange(rest + 1).expand(x.shape());
    Tensor same = x.narrow(-1, 1, rest).eq(x.narrow(-1, 0, rest));
    Tensor first = place.narrow(-1, 0, 1).contiguous();
    Tensor starts = Elementwise.where(same, first.zerosLike(), place.narrow(-1, 1, rest));
    Tensor run = place.sub(Torch.cat(List.of(first, starts), -1).cummax(-1).values());
    return ((Quantiles) self()).pick(sorted, run.argmax(-1, true), axis, keepdim);
  }

  /** The element below which a part q in [0, 1] of all lies, interpolated linearly. */
  default Tensor quantile(double q) {
    return quantile(
        self().scalar(q).to(self().dtype()), OptionalInt.empty(), false, Interpolation.LINEAR);
  }

  /**
   * The elements below which parts q in [0, 1] lie, along an axis or of all; NaN where there is
   * one.
   *
   * @param q one number (0-d), or several (1-d), which become the first axis of the result
   */
  default Tensor quantile(Tensor q, OptionalInt axis, boolean keepdim, Interpolation how) {
    return ((Quantiles) self()).quantile("quantile", q, axis, keepdim, how, false);
  }

  /** {@link #quantile} of what is a number; NaN only if nothing is. */
  default Tensor nanquantile(Tensor q, OptionalInt axis, boolean keepdim, Interpolation how) {
    return ((Quantiles) self()).quantile("nanquantile", q, axis, keepdim, how, true);
  }

  private Tensor quantile(
      String name, Tensor q, OptionalInt axis, boolean keepdim, Interpolation how, boolean nan) {
    Tensor x = self();
    checkQuantile(name, x, q);
    boolean whole = axis.isEmpty();
    Tensor line = line(whole ? x.reshape(-1) : x, axis.orElse(0));
    requireElements(name, line);
    Tensor sorted = line.sort(-1, false).values();
    Tensor numbers = numbers(line);
    Tensor ranks = q.reshape(-1).mul(numbers.sub(1).clampMin(0).to(x.dtype()));
    if (!nan) {
      Tensor last = numbers.fullLike(line.size(-1) - 1).to(x.dtype());
      ranks = Elementwise.where(numbers.eq(line.size(-1)), ranks, last);
    }
    Tensor picked = interpolated(sorted, ranks, how);
    // (..., q) to (q, ...) with the axis back in its place.
    Tensor rows = picked.movedim(-1, 0);
    if (whole) {
      long[] sizes = new long[keepdim ? x.dim() + 1 : 1];
      Arrays.fill(sizes, 1);
      sizes[0] = q.numel();
      rows = rows.reshape(sizes);
    } else if (x.dim() > 0) {
      int at = x.shape().axis(axis.getAsInt());
      Tensor placed = rows.unsqueeze(-1).transpose(at + 1, -1);
      rows = keepdim ? placed : placed.squeeze(at + 1);
    }
    return q.dim() == 0 ? rows.squeeze(0) : rows;
  }

  private static void checkQuantile(String name, Tensor x, Tensor q) {
    if (x.dtype() != DType.F32 && x.dtype() != DType.F64) {
      throw TorchException.type(name, "input", x.dtype(), "F32 or F64");
    }
    if (q.dtype() != x.dtype() || q.dim() > 1) {
      throw TorchException.type(
          name, "q", q.dtype() + q.shape().toString(), x.dtype() + ", one number or a vector");
    }
    Tensor inside = q.detach().ge(0).logicalAnd(q.detach().le(1));
    if (Mode.checking() && q.numel() > 0 && inside.all().itemLong() == 0) {
      throw TorchException.argument(name, "q", q.detach(), "numbers in [0, 1]");
    }
  }

  private static Tensor interpolated(Tensor sorted, Tensor ranks, Interpolation how) {
    Tensor at =
        switch (how) {
          case LOWER -> ranks.floor();
          case HIGHER -> ranks.ceil();
          case NEAREST -> ranks.round();
          case LINEAR, MIDPOINT -> ranks.floor();
        };
    Tensor below = sorted.gather(-1, at.detach().to(DType.I64));
    if (how != Interpolation.LINEAR && how != Interpolation.MIDPOINT) {
      return below;
    }
    Tensor above = sorted.gather(-1, ranks.detach().ceil().to(DType.I64));
    boolean linear = how == Interpolation.LINEAR;
    Tensor weight = linear ? ranks.sub(at.detach()) : ranks.detach().fullLike(0.5);
    return below.lerp(above, weight);
  }
}
