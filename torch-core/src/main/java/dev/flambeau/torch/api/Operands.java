package dev.flambeau.torch.api;

import static dev.flambeau.torch.op.ElementaryOps.*;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.SpecialOps;
import dev.flambeau.torch.op.Types;

/** Further functions of several operands, which broadcast. */
public sealed interface Operands extends Self permits Tensor {
  private Tensor call(Pointwise op, Tensor other) {
    return Dispatcher.call(op, self(), other);
  }

  private Tensor call(Pointwise op, Number other) {
    return Dispatcher.call(op, self(), self().scalar(other));
  }

  /** sqrt(a^2 + b^2) without overflow. */
  default Tensor hypot(Tensor other) {
    return call(HYPOT, other);
  }

  /** This magnitude with the other's sign. */
  default Tensor copysign(Tensor other) {
    return call(COPYSIGN, other);
  }

  default Tensor copysign(Number other) {
    return call(COPYSIGN, other);
  }

  /** The neighbouring number of the type in the direction of the other. */
  default Tensor nextafter(Tensor other) {
    return call(NEXTAFTER, other);
  }

  /** The larger number; NaN only if both are. */
  default Tensor fmax(Tensor other) {
    return call(FMAX, other);
  }

  /** The smaller number; NaN only if both are. */
  default Tensor fmin(Tensor other) {
    return call(FMIN, other);
  }

  /** log(exp a + exp b). */
  default Tensor logaddexp(Tensor other) {
    return call(LOGADDEXP, other);
  }

  /** log2(2^a + 2^b). */
  default Tensor logaddexp2(Tensor other) {
    return call(LOGADDEXP2, other);
  }

  /** a log b, 0 where a is 0. */
  default Tensor xlogy(Tensor other) {
    return call(XLOGY, other);
  }

  default Tensor xlogy(Number other) {
    return call(XLOGY, other);
  }

  /** a 2^b. */
  default Tensor ldexp(Tensor other) {
    return call(LDEXP, other);
  }

  /** 0 below 0, 1 above it, and the other at it. */
  default Tensor heaviside(Tensor other) {
    return call(HEAVISIDE, other);
  }

  /** Greatest common divisor. */
  default Tensor gcd(Tensor other) {
    return call(GCD, other);
  }

  /** Least common multiple. */
  default Tensor lcm(Tensor other) {
    return call(LCM, other);
  }

  default Tensor bitwiseAnd(Tensor other) {
    return call(BITWISE_AND, other);
  }

  default Tensor bitwiseAnd(Number other) {
    return call(BITWISE_AND, other);
  }

  default Tensor bitwiseOr(Tensor other) {
    return call(BITWISE_OR, other);
  }

  default Tensor bitwiseOr(Number other) {
    return call(BITWISE_OR, other);
  }

  default Tensor bitwiseXor(Tensor other) {
    return call(BITWISE_XOR, other);
  }

  default Tensor bitwiseXor(Number other) {
    return call(BITWISE_XOR, other);
  }

  default Tensor bitwiseLeftShift(Tensor other) {
    return call(LEFT_SHIFT, other);
  }

  default Tensor bitwiseLeftShift(Number other) {
    return call(LEFT_SHIFT, other);
  }

  /** With the sign bit shifted in. */
  default Tensor bitwiseRightShift(Tensor other) {
    return call(RIGHT_SHIFT, other);
  }

  default Tensor bitwiseRightShift(Number other) {
    return call(RIGHT_SHIFT, other);
  }

  /** max(x, low); at equality the gradient is that of x. */
  default Tensor clampMin(Tensor other) {
    return call(CLAMP_MIN, other);
  }

  default Tensor clampMin(Number other) {
    return call(CLAMP_MIN, other);
  }

  /** min(x, high); at equality the gradient is that of x. */
  default Tensor clampMax(Tensor other) {
    return call(CLAMP_MAX, other);
  }

  default Tensor clampMax(Number other) {
    return call(CLAMP_MAX, other);
  }

  /** The lower incomplete gamma function of this and x, over gamma(this). */
  default Tensor igamma(Tensor other) {
    return call(SpecialOps.IGAMMA, other);
  }

  /** The upper incomplete gamma function of this and x, over gamma(this). */
  default Tensor igammac(Tensor other) {
    return call(SpecialOps.IGAMMAC, other);
  }

  /** min(max(x, low), high). */
  default Tensor clamp(Tensor low, Tensor high) {
    return Dispatcher.call(CLAMP, self(), low, high);
  }

  /** min(max(x, low), high). */
  default Tensor clamp(Number low, Number high) {
    return clamp(self().scalar(low), self().scalar(high));
  }

  /** this + weight (end - this). */
  default Tensor lerp(Tensor end, Tensor weight) {
    return Dispatcher.call(LERP, self(), end, weight);
  }

  /** this + weight (end - this). */
  default Tensor lerp(Tensor end, double weight) {
    return lerp(end, self().scalar(weight));
  }

  /** this + value a b; the value is truncated where all are integers. */
  default Tensor addcmul(Tensor a, Tensor b, Number value) {
    DType type = Types.promote(new Meta[] {self().meta(), a.meta(), b.meta()});
    Number fitting = type.isFloat() ? value : (Number) value.longValue();
    return Dispatcher.call(ADDCMUL, self(), a, b, self().scalar(fitting));
  }

  /** this + value a / b. */
  default Tensor addcdiv(Tensor a, Tensor b, Number value) {
    return Dispatcher.call(ADDCDIV, self(), a, b, self().scalar(value));
  }

  /** The power computed in F64. */
  default Tensor floatPower(Tensor exponent) {
    return self().to(DType.F64).pow(exponent.to(DType.F64));
  }

  /** The power computed in F64. */
  default Tensor floatPower(Number exponent) {
    return self().to(DType.F64).apply(Pointwise.POW, self().to(DType.F64).scalar(exponent));
  }

  /** {@link #isclose(Tensor, double, double, boolean)} with 1e-5, 1e-8 and no equal NaN. */
  default Tensor isclose(Tensor other) {
    return isclose(other, 1e-5, 1e-8, false);
  }

  /** Whether |this - other| is at most atol + rtol |other|; equal infinities are close. */
  default Tensor isclose(Tensor other, double rtol, double atol, boolean equalNan) {
    if (!(rtol >= 0 && atol >= 0)) {
      throw TorchException.argument(
          "isclose", rtol >= 0 ? "atol" : "rtol", rtol >= 0 ? atol : rtol, "0 or more");
    }
    if (self().dtype() != other.dtype()) {
      throw TorchException.type("isclose", "other", other.dtype(), self().dtype().toString());
    }
    Tensor close = self().eq(other);
    if (equalNan && self().dtype().isFloat()) {
      close = close.logicalOr(self().isnan().logicalAnd(other.isnan()));
    }
    if (rtol == 0 && atol == 0) {
      return close;
    }
    Tensor a = self().dtype().isFloat() ? self() : self().to(DType.F64);
    Tensor b = other.to(a.dtype());
    Tensor gap = a.sub(b).abs();
    return close.logicalOr(gap.isfinite().logicalAnd(gap.le(b.mul(rtol).abs().add(atol))));
  }

  /** Whether {@link #isclose} holds everywhere. */
  default boolean allclose(Tensor other, double rtol, double atol, boolean equalNan) {
    return isclose(other, rtol, atol, equalNan).all().itemLong() == 1;
  }

  /** Whether {@link #isclose} holds everywhere with 1e-5, 1e-8 and no equal NaN. */
  default boolean allclose(Tensor other) {
    return allclose(other, 1e-5, 1e-8, false);
  }

  /** Whether shapes and all elements are equal. PyTorch: {@code torch.equal}. */
  default boolean equalTo(Tensor other) {
    return self().shape().equals(other.shape()) && self().eq(other).all().itemLong() == 1;
  }

  /** {@code other - alpha * this}. */
  default Tensor rsub(Tensor other, Number alpha) {
    return other.sub(self(), alpha);
  }
}
