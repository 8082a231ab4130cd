package dev.flambeau.torch;

/**
 * Reductions over the elements where a mask is true; the mask broadcasts to the input. Where
 * nothing is left the result is that of no elements: 0 for a sum, NaN for a mean. PyTorch: {@code
 * torch.masked}.
 */
public final class Masked {
  private Masked() {}

  private static Tensor fill(Tensor x, Tensor mask, Number value) {
    return Torch.where(mask, x, x.scalar(value).to(x.dtype()));
  }

  /** The number below all others of a type, or above them. */
  private static Number extreme(DType type, boolean low) {
    return switch (type) {
      case BOOL -> low ? 0L : 1L;
      case U8 -> low ? 0L : 255L;
      case I8 -> low ? Byte.MIN_VALUE : (Number) (long) Byte.MAX_VALUE;
      case I16 -> low ? Short.MIN_VALUE : (Number) (long) Short.MAX_VALUE;
      case I32 -> low ? Integer.MIN_VALUE : (Number) (long) Integer.MAX_VALUE;
      case I64 -> low ? Long.MIN_VALUE : Long.MAX_VALUE;
      default -> low ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    };
  }

  private static Tensor lowest(Tensor x, Tensor mask) {
    return fill(x, mask, extreme(x.dtype(), true));
  }

  private static Tensor highest(Tensor x, Tensor mask) {
    return fill(x, mask, extreme(x.dtype(), false));
  }

  public static Tensor sum(Tensor x, Tensor mask, int[] axes, boolean keepdim) {
    return fill(x, mask, 0L).sum(axes, keepdim);
  }

  public static Tensor prod(Tensor x, Tensor mask, int[] axes, boolean keepdim) {
    return fill(x, mask, 1L).prod(axes, keepdim);
  }

  public static Tensor amax(Tensor x, Tensor mask, int[] axes, boolean keepdim) {
    return lowest(x, mask).amax(axes, keepdim);
  }

  public static Tensor amin(Tensor x, Tensor mask, int[] axes, boolean keepdim) {
    return highest(x, mask).amin(axes, keepdim);
  }

  /** The index of the largest element, the first of equals. */
  public static Tensor argmax(Tensor x, Tensor mask, int axis, boolean keepdim) {
    return lowest(x, mask).argmax(axis, keepdim);
  }

  /** The index of the smallest element, the first of equals. */
  public static Tensor argmin(Tensor x, Tensor mask, int axis, boolean keepdim) {
    return highest(x, mask).argmin(axis, keepdim);
  }

  private static Tensor count(Tensor x, Tensor mask, int[] axes, boolean keepdim) {
    return mask.expand(x.shape()).sum(axes, keepdim);
  }

  /** Of bool, as PyTorch has it, all true elements together count as one. */
  public static Tensor mean(Tensor x, Tensor mask, int[] axes, boolean keepdim) {
    if (x.dtype() == DType.BOOL) {
      Tensor any = x.logicalAnd(mask).any(axes, keepdim);
      return any.div(count(x, mask, axes, keepdim));
    }
    return sum(x, mask, axes, keepdim).div(count(x, mask, axes, keepdim));
  }

  /** The variance with {@code count - correction} in the denominator. */
  public static Tensor var(Tensor x, Tensor mask, int[] axes, double correction, boolean keepdim) {
    Tensor centred = x.sub(mean(x, mask, axes, true));
    Tensor squares = sum(centred.square(), mask, axes, keepdim);
    return squares.div(count(x, mask, axes, keepdim).sub(correction).clampMin(0));
  }

  /** The root of {@link #var}. */
  public static Tensor std(Tensor x, Tensor mask, int[] axes, double correction, boolean keepdim) {
    return var(x, mask, axes, correction, keepdim).sqrt();
  }

  /** The middle one along an axis of what is masked in; NaN where nothing is. */
  public static Tensor median(Tensor x, Tensor mask, int axis, boolean keepdim) {
    return fill(x, mask, Double.NaN).nanmedian(axis, keepdim).values();
  }

  /** The p-norm. */
  public static Tensor norm(Tensor x, double p, Tensor mask, int[] axes, boolean keepdim) {
    double identity = p == Double.NEGATIVE_INFINITY ? Double.POSITIVE_INFINITY : 0;
    return fill(x, mask, identity).norm(p, axes, keepdim);
  }

  /** The input over its p-norm along an axis, or over eps if that is larger; 0 behind the mask. */
  public static Tensor normalize(Tensor x, double p, Tensor mask, int axis, double eps) {
    Tensor norm = norm(x, p, mask, new int[] {axis}, true);
    return fill(x, mask, 0L).div(norm.maximum(norm.scalar(eps)));
  }

  /** Of integers, rounded towards 0 to their type, as PyTorch does. */
  public static Tensor logsumexp(Tensor x, Tensor mask, int[] axes, boolean keepdim) {
    return lowest(x, mask).logsumexp(axes, keepdim).to(x.dtype());
  }

  public static Tensor softmax(Tensor x, Tensor mask, int axis) {
    return fill(x, mask, Double.NEGATIVE_INFINITY).softmax(axis);
  }

  public static Tensor logSoftmax(Tensor x, Tensor mask, int axis) {
    return fill(x, mask, Double.NEGATIVE_INFINITY).logSoftmax(axis);
  }

  /** The softmax of minus the input. */
  public static Tensor softmin(Tensor x, Tensor mask, int axis) {
    return softmax(x.neg(), mask, axis);
  }

  public static Tensor cumsum(Tensor x, Tensor mask, int axis) {
    return fill(x, mask, 0L).cumsum(axis);
  }

  public static Tensor cumprod(Tensor x, Tensor mask, int axis) {
    return fill(x, mask, 1L).cumprod(axis);
  }

  /** log(exp x + exp other) of what is not masked. */
  public static Tensor logaddexp(Tensor x, Tensor other, Tensor mask, Tensor otherMask) {
    return fill(x, mask, Double.NEGATIVE_INFINITY)
        .logaddexp(fill(other, otherMask, Double.NEGATIVE_INFINITY));
  }
}
