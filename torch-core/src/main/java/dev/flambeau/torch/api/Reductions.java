package dev.flambeau.torch.api;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Fold;
import dev.flambeau.torch.op.Reduction;
import dev.flambeau.torch.op.Softmax;
import java.util.Arrays;

/** Operators that combine elements along axes. No axes given means all axes. */
public sealed interface Reductions extends Self permits Tensor {
  /** The extreme values along an axis and where they are. */
  record ValuesIndices(Tensor values, Tensor indices) {}

  private Tensor reduce(Fold fold, int[] axes, boolean keepdim) {
    int[] checked = self().dim() == 0 ? new int[0] : self().shape().axes(axes);
    return Dispatcher.call(Reduction.of(fold, checked, keepdim), self());
  }

  default Tensor sum(int... axes) {
    return reduce(Fold.SUM, axes, false);
  }

  default Tensor sum(int[] axes, boolean keepdim) {
    return reduce(Fold.SUM, axes, keepdim);
  }

  default Tensor mean(int... axes) {
    return reduce(Fold.MEAN, axes, false);
  }

  default Tensor mean(int[] axes, boolean keepdim) {
    return reduce(Fold.MEAN, axes, keepdim);
  }

  default Tensor prod(int... axes) {
    return reduce(Fold.PROD, axes, false);
  }

  default Tensor prod(int[] axes, boolean keepdim) {
    return reduce(Fold.PROD, axes, keepdim);
  }

  default Tensor amax(int... axes) {
    return reduce(Fold.AMAX, axes, false);
  }

  default Tensor amax(int[] axes, boolean keepdim) {
    return reduce(Fold.AMAX, axes, keepdim);
  }

  default Tensor amin(int... axes) {
    return reduce(Fold.AMIN, axes, false);
  }

  default Tensor amin(int[] axes, boolean keepdim) {
    return reduce(Fold.AMIN, axes, keepdim);
  }

  default Tensor any(int... axes) {
    return reduce(Fold.ANY, axes, false);
  }

  default Tensor any(int[] axes, boolean keepdim) {
    return reduce(Fold.ANY, axes, keepdim);
  }

  default Tensor all(int... axes) {
    return reduce(Fold.ALL, axes, false);
  }

  default Tensor all(int[] axes, boolean keepdim) {
    return reduce(Fold.ALL, axes, keepdim);
  }

  /** Unbiased variance. */
  default Tensor var(int... axes) {
    return var(axes, 1, false);
  }

  /** Variance with {@code count - correction} in the denominator. */
  default Tensor var(int[] axes, double correction, boolean keepdim) {
    return reduce(Fold.variance(correction), axes, keepdim);
  }

  /** The largest element; equal ones share the gradient. */
  default Tensor max() {
    return amax();
  }

  /** The smallest element; equal ones share the gradient. */
  default Tensor min() {
    return amin();
  }

  default ValuesIndices max(int axis, boolean keepdim) {
    return extreme(Fold.MAX, axis, keepdim);
  }

  default ValuesIndices min(int axis, boolean keepdim) {
    return extreme(Fold.MIN, axis, keepdim);
  }

  private ValuesIndices extreme(Fold fold, int axis, boolean keepdim) {
    int[] axes = self().dim() == 0 ? new int[0] : new int[] {self().shape().axis(axis)};
    Tensor[] out = Dispatcher.callAll(Reduction.of(fold, axes, keepdim), self());
    return new ValuesIndices(out[0], out[1]);
  }

  /** The index of the largest element along an axis, the first of equals. */
  default Tensor argmax(int axis) {
    return argmax(axis, false);
  }

  default Tensor argmax(int axis, boolean keepdim) {
    return max(axis, keepdim).indices();
  }

  /** The index of the largest of all elements in row-major order. */
  default Tensor argmax() {
    return self().reshape(-1).argmax(0);
  }

  /** The index of the smallest element along an axis, the first of equals. */
  default Tensor argmin(int axis) {
    return argmin(axis, false);
  }

  default Tensor argmin(int axis, boolean keepdim) {
    return min(axis, keepdim).indices();
  }

  /** The index of the smallest of all elements in row-major order. */
  default Tensor argmin() {
    return self().reshape(-1).argmin(0);
  }

  /** log(sum(exp(x))) along axes, without overflow. */
  default Tensor logsumexp(int[] axes, boolean keepdim) {
    if (!self().dtype().isFloat()) {
      return self().to(DType.F32).logsumexp(axes, keepdim);
    }
    Tensor top = self().detach().amax(axes, true);
    Tensor finite = Elementwise.where(top.abs().eq(Double.POSITIVE_INFINITY), top.zerosLike(), top);
    Tensor sum = self().sub(finite).exp().sum(axes, true).log().add(finite);
    return keepdim
        ? sum
        : sum.reshape(self().shape().reduce(self().shape().axes(axes), false).sizes());
  }

  default Tensor softmax(int axis) {
    return Dispatcher.call(new Softmax(self().shape().axis(axis), false), self());
  }

  /** The softmax of this tensor converted to {@code type}. */
  default Tensor softmax(int axis, DType type) {
    return self().to(type).softmax(axis);
  }

  /** The logarithm of the softmax of this tensor converted to {@code type}. */
  default Tensor logSoftmax(int axis, DType type) {
    return self().to(type).logSoftmax(axis);
  }

  default Tensor logSoftmax(int axis) {
    return Dispatcher.call(new Softmax(self().shape().axis(axis), true), self());
  }

  /** Undoes broadcasting: sums the axes along which {@code shape} was stretched to this shape. */
  default Tensor sumToSize(Shape shape) {
    if (shape.rank() == 0 && !self().dtype().isFloat()) {
      return sum();
    }
    if (self().shape().equals(shape)) {
      return self();
    }
    int lead = self().dim() - shape.rank();
    int[] axes = new int[self().dim()];
    int n = 0;
    for (int i = 0; i < self().dim(); i++) {
      if (i < lead || shape.size(i - lead) == 1 && self().size(i) != 1) {
        axes[n++] = i;
      } else if (shape.size(i - lead) != self().size(i)) {
        throw TorchException.shape(
            "sum_to_size", "size", shape, "a shape that broadcasts to " + self().shape());
      }
    }
    int[] reduced = Arrays.copyOf(axes, n);
    Tensor sum = n == 0 ? self() : sum(reduced, true);
    return sum.reshape(shape.sizes());
  }
}
