package dev.flambeau.torch;

import java.util.Arrays;
import java.util.Optional;

/**
 * Where each element lies: element {@code (i0, i1, ...)} is at {@code offset + sum i_d * stride_d},
 * counted in elements from the start of the storage. Immutable; strides are 0 or more.
 */
public final class Layout {
  private final Shape shape;
  private final long[] strides;
  private final long offset;
  private final boolean contiguous;

  private Layout(Shape shape, long[] strides, long offset) {
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.contiguous = isRowMajor();
  }

  public static Layout of(Shape shape, long[] strides, long offset) {
    return new Layout(shape, strides.clone(), offset);
  }

  /** Row-major. */
  public static Layout contiguous(Shape shape) {
    long[] strides = new long[shape.rank()];
    long stride = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= Math.max(shape.size(i), 1);
    }
    return new Layout(shape, strides, 0);
  }

  /** N, C, H, W stored as N, H, W, C: what convolutions produce. The shape must be 4-d. */
  public static Layout channelsLast(Shape shape) {
    long c = Math.max(shape.size(1), 1);
    long h = Math.max(shape.size(2), 1);
    long w = Math.max(shape.size(3), 1);
    return new Layout(shape, new long[] {h * w * c, 1, w * c, c}, 0);
  }

  public Shape shape() {
    return shape;
  }

  public int rank() {
    return strides.length;
  }

  public long size(int axis) {
    return shape.size(axis);
  }

  /** Elements between neighbours along an axis counted from the front. */
  public long stride(int axis) {
    return strides[axis];
  }

  public long[] strides() {
    return strides.clone();
  }

  public long offset() {
    return offset;
  }

  public long numel() {
    return shape.numel();
  }

  /** Row-major without gaps (the offset does not matter). */
  public boolean isContiguous() {
    return contiguous;
  }

  private boolean isRowMajor() {
    if (shape.numel() == 0) {
      return true;
    }
    long expected = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      long size = shape.size(i);
      if (size != 1 && strides[i] != expected) {
        return false;
      }
      expected *= size;
    }
    return true;
  }

  /** 4-d, stored N, H, W, C without gaps. */
  public boolean isChannelsLast() {
    if (rank() != 4) {
      return false;
    }
    long expected = 1;
    for (int axis : new int[] {1, 3, 2, 0}) {
      if (size(axis) != 1 && strides[axis] != expected) {
        return false;
      }
      expected *= size(axis);
    }
    return true;
  }

  /** Each element once, no gaps, in whatever order of axes. */
  public boolean isDense() {
    if (contiguous) {
      return true;
    }
    long expected = 1;
    for (int axis : axesByStride()) {
      if (size(axis) != 1 && strides[axis] != expected) {
        return false;
      }
      expected *= size(axis);
    }
    return true;
  }

  /** One more than the place of the last element; the offset if there is none. */
  public long end() {
    long last = offset;
    for (int i = 0; i < rank(); i++) {
      if (size(i) == 0) {
        return offset;
      }
      last += (size(i) - 1) * strides[i];
    }
    return last + 1;
  }

  /** Whether two indices may name the same element; in doubt true. */
  public boolean mayOverlap() {
    long covered = 0;
    for (int axis : axesByStride()) {
      if (size(axis) > 1) {
        if (strides[axis] <= covered) {
          return numel() > 0;
        }
        covered += (size(axis) - 1) * strides[axis];
      }
    }
    return false;
  }

  /** The axes, the one with the smallest stride first. */
  public int[] axesByStride() {
    int[] order = new int[rank()];
    for (int i = 0; i < order.length; i++) {
      int axis = rank() - 1 - i;
      int at = i;
      while (at > 0 && strides[order[at - 1]] > strides[axis] && size(axis) != 1) {
        order[at] = order[at - 1];
        at--;
      }
      order[at] = axis;
    }
    return order;
  }

  /** The dense layout of {@code shape} (of this rank) with the axes in this one's order. */
  public Layout sameOrder(Shape other) {
    if (contiguous) {
      return contiguous(other);
    }
    long[] out = new long[rank()];
    long stride = 1;
    for (int axis : axesByStride()) {
      out[axis] = stride;
      stride *= Math.max(other.size(axis), 1);
    }
    return new Layout(other, out, 0);
  }

  /** The layout with other strides and offset for the same storage. */
  public Layout with(Shape newShape, long[] newStrides, long newOffset) {
    return new Layout(newShape, newStrides, newOffset);
  }

  /** The same data under another shape, if that needs no copy. */
  public Optional<Layout> reshaped(Shape target) {
    if (contiguous) {
      return Optional.of(new Layout(target, contiguous(target).strides, offset));
    }
    long[] out = new long[target.rank()];
    int view = target.rank() - 1;
    long chunkStride = rank() == 0 ? 1 : strides[rank() - 1];
    long tensorNumel = 1;
    long viewNumel = 1;
    for (int axis = rank() - 1; axis >= 0; axis--) {
      tensorNumel *= size(axis);
      boolean chunkEnds =
          axis == 0 || size(axis - 1) != 1 && strides[axis - 1] != tensorNumel * chunkStride;
      if (!chunkEnds) {
        continue;
      }
      while (view >= 0 && (viewNumel < tensorNumel || target.size(view) == 1)) {
        out[view] = viewNumel * chunkStride;
        viewNumel *= target.size(view--);
      }
      if (viewNumel != tensorNumel) {
        return Optional.empty();
      }
      if (axis > 0) {
        chunkStride = strides[axis - 1];
        tensorNumel = 1;
        viewNumel = 1;
      }
    }
    return view == -1 ? Optional.of(new Layout(target, out, offset)) : Optional.empty();
  }

  /** Stretched to a shape it broadcasts to: stretched axes get stride 0. */
  public Layout broadcast(Shape target) {
    if (shape.equals(target)) {
      return this;
    }
    long[] out = new long[target.rank()];
    int lead = target.rank() - rank();
    for (int i = 0; i < rank(); i++) {
      out[lead + i] = size(i) == 1 && target.size(lead + i) != 1 ? 0 : strides[i];
    }
    return new Layout(target, out, offset);
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || other instanceof Layout l
            && offset == l.offset
            && shape.equals(l.shape)
            && Arrays.equals(strides, l.strides);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * shape.hashCode() + Arrays.hashCode(strides)) + Long.hashCode(offset);
  }

  @Override
  public String toString() {
    return "shape " + shape + " strides " + Arrays.toString(strides) + " offset " + offset;
  }
}
