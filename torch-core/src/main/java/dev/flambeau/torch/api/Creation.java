package dev.flambeau.torch.api;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Backends;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Full;

/** New tensors on this one's device, of its type if none is given. */
public sealed interface Creation extends Self permits Tensor {
  private Tensor filled(DType type, Layout layout, Number value) {
    Meta meta = new Meta(type, self().device(), layout);
    return Dispatcher.call(new Full(meta, value.doubleValue(), value.longValue()));
  }

  /** The dense layout with this tensor's order of axes, or row-major. */
  private Layout dense() {
    Layout layout = self().layout();
    return layout.isDense() ? layout.sameOrder(layout.shape()) : Layout.contiguous(layout.shape());
  }

  /** Zeros of this shape and order. */
  default Tensor zerosLike() {
    return fullLike(0);
  }

  /** Zeros of this shape and order. */
  default Tensor zerosLike(DType type) {
    return fullLike(0, type);
  }

  /** Ones of this shape and order. */
  default Tensor onesLike() {
    return fullLike(1);
  }

  /** Ones of this shape and order. */
  default Tensor onesLike(DType type) {
    return fullLike(1, type);
  }

  /** {@code value} in this shape and order. */
  default Tensor fullLike(Number value) {
    return fullLike(value, self().dtype());
  }

  /** {@code value} in this shape and order. */
  default Tensor fullLike(Number value, DType type) {
    return filled(type, dense(), value);
  }

  /** Uninitialized memory in this shape and order. */
  default Tensor emptyLike() {
    return Backends.allocate(new Meta(self().dtype(), self().device(), dense()));
  }

  /** Zeros of another shape. */
  default Tensor zeros(Shape shape) {
    return filled(self().dtype(), Layout.contiguous(shape), 0);
  }

  /** Zeros of another shape. */
  default Tensor newZeros(long... sizes) {
    return newFull(self().dtype(), 0, sizes);
  }

  /** Ones of another shape. */
  default Tensor newOnes(long... sizes) {
    return newFull(self().dtype(), 1, sizes);
  }

  /** {@code value} in another shape. */
  default Tensor newFull(DType type, Number value, long... sizes) {
    return filled(type, Layout.contiguous(Shape.of(sizes)), value);
  }

  /** Uninitialized memory of another shape. */
  default Tensor newEmpty(long... sizes) {
    return Backends.allocate(Meta.contiguous(self().dtype(), self().device(), Shape.of(sizes)));
  }
}
