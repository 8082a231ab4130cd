package dev.flambeau.torch.api;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.ElementaryOps;

/** Deviations, norms, counts and sums without NaN. No axes given means all axes. */
public sealed interface Statistics extends Self permits Tensor {
  /** A variance or standard deviation and the mean. */
  record SpreadMean(Tensor spread, Tensor mean) {}

  /** The smallest and the largest elements. */
  record Extremes(Tensor min, Tensor max) {}

  /** Unbiased standard deviation. */
  default Tensor std(int... axes) {
    return std(axes, 1, false);
  }

  /** Root of the variance with {@code count - correction} in the denominator. */
  default Tensor std(int[] axes, double correction, boolean keepdim) {
    return self().var(axes, correction, keepdim).apply(ElementaryOps.NORM_ROOT);
  }

  default SpreadMean varMean(int[] axes, double correction, boolean keepdim) {
    return new SpreadMean(self().var(axes, correction, keepdim), self().mean(axes, keepdim));
  }

  default SpreadMean stdMean(int[] axes, double correction, boolean keepdim) {
    return new SpreadMean(std(axes, correction, keepdim), self().mean(axes, keepdim));
  }

  /**
   * The smallest and largest elements; equal ones share the gradient. Unlike elsewhere, keepdim
   * makes one dimension of none if an axis is given, as in PyTorch.
   */
  default Extremes aminmax(int[] axes, boolean keepdim) {
    if (self().dim() == 0 && axes.length > 0 && keepdim) {
      return self().reshape(1).aminmax(axes, true);
    }
    return new Extremes(self().amin(axes, keepdim), self().amax(axes, keepdim));
  }

  /** How many elements are not 0, I64. */
  default Tensor countNonzero(int... axes) {
    return self().ne(0).sum(axes);
  }

  private Tensor withoutNan() {
    return self().dtype().isFloat()
        ? Elementwise.where(self().isnan(), self().zerosLike(), self())
        : self();
  }

  /** The sum of what is a number. */
  default Tensor nansum(int[] axes, boolean keepdim) {
    return ((Statistics) self()).withoutNan().sum(axes, keepdim);
  }

  /** The mean of what is a number. */
  default Tensor nanmean(int[] axes, boolean keepdim) {
    if (!self().dtype().isFloat()) {
      throw TorchException.type("nanmean", "input", self().dtype(), "a floating point type");
    }
    Tensor count = self().isnan().logicalNot().sum(axes, keepdim);
    return nansum(axes, keepdim).div(count);
  }

  /** The sum of a matrix's diagonal. */
  default Tensor trace() {
    if (self().dim() != 2) {
      throw TorchException.shape("trace", "input", self().shape(), "two dimensions");
    }
    long columns = self().size(1);
    long length = Math.min(self().size(0), columns);
    return self().reshape(-1).slice(0, 0, length * (columns + 1), columns + 1).sum();
  }

  /** The Euclidean norm of all elements. */
  default Tensor norm() {
    return norm(2, new int[0], false);
  }

  /**
   * The p-norm, (sum of |x|^p)^(1/p); for 0 the number of elements other than 0, for infinities the
   * extreme magnitudes. Where it has no derivative, the gradient is 0.
   */
  default Tensor norm(double p, int[] axes, boolean keepdim) {
    Tensor x = self();
    if (!x.dtype().isFloat()) {
      throw TorchException.type("norm", "input", x.dtype(), "a floating point type");
    }
    if (p == 0) {
      return x.apply(ElementaryOps.NORM_COUNT).sum(axes, keepdim);
    }
    if (p == 1) {
      return x.abs().sum(axes, keepdim);
    }
    if (p == 2) {
      return x.square().sum(axes, keepdim).apply(ElementaryOps.NORM_ROOT);
    }
    if (Double.isInfinite(p)) {
      return p > 0 ? x.abs().amax(axes, keepdim) : x.abs().amin(axes, keepdim);
    }
    return x.apply(ElementaryOps.absPower(p)).sum(axes, keepdim).apply(ElementaryOps.root(p));
  }
}
