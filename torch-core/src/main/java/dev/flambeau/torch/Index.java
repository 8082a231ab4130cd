package dev.flambeau.torch;

import java.util.OptionalLong;

/**
 * One part of what stands between the brackets of {@code x[...]} in Python: {@code x.get(at(1),
 * ELLIPSIS, slice(0, 3))}. Meant for static import.
 */
public sealed interface Index {
  /** Python's {@code ...}: as many whole axes as are left. */
  Index ELLIPSIS = new Ellipsis();

  /** Python's {@code None}: a new axis of size 1. */
  Index NEW_AXIS = new NewAxis();

  /** Position {@code i} of an axis, which disappears; negative positions count from the end. */
  static Index at(long i) {
    return new At(i);
  }

  /** A whole axis: Python's {@code :}. */
  static Index all() {
    return new Range(OptionalLong.empty(), OptionalLong.empty(), 1);
  }

  /** Python's {@code start:end}. */
  static Index slice(long start, long end) {
    return slice(start, end, 1);
  }

  /** Python's {@code start:end:step}; the step is positive. */
  static Index slice(long start, long end, long step) {
    return new Range(OptionalLong.of(start), OptionalLong.of(end), step);
  }

  /** Python's {@code start:}. */
  static Index from(long start) {
    return new Range(OptionalLong.of(start), OptionalLong.empty(), 1);
  }

  /** The elements these I64 numbers name, or those where a bool tensor is true. */
  static Index of(Tensor indices) {
    return new Elements(indices);
  }

  /** The elements with these numbers. */
  static Index of(long... indices) {
    return new Elements(Torch.tensor(indices));
  }

  /** See {@link #at}. */
  record At(long index) implements Index {}

  /** See {@link #slice}; open ends are empty. */
  record Range(OptionalLong start, OptionalLong end, long step) implements Index {}

  /** See {@link #ELLIPSIS}. */
  record Ellipsis() implements Index {}

  /** See {@link #NEW_AXIS}. */
  record NewAxis() implements Index {}

  /** See {@link #of(Tensor)}. */
  record Elements(Tensor indices) implements Index {}
}
