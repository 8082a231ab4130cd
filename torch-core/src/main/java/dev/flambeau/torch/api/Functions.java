package dev.flambeau.torch.api;

import static dev.flambeau.torch.op.ElementaryOps.*;
import static dev.flambeau.torch.op.Pointwise.*;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Pointwise;
import java.util.OptionalDouble;

/** Functions of each element; what is defined on real numbers alone computes integers as F32. */
public sealed interface Functions extends Self permits Tensor {
  private Tensor call(Pointwise op) {
    return Dispatcher.call(op, self());
  }

  default Tensor neg() {
    return call(NEG);
  }

  default Tensor abs() {
    return call(ABS);
  }

  default Tensor sign() {
    return call(SIGN);
  }

  default Tensor floor() {
    return call(FLOOR);
  }

  default Tensor ceil() {
    return call(CEIL);
  }

  default Tensor trunc() {
    return call(TRUNC);
  }

  default Tensor isnan() {
    return call(ISNAN);
  }

  /** Squares of bool are I64. */
  default Tensor square() {
    return self().dtype() == DType.BOOL ? self().to(DType.I64).square() : call(SQUARE);
  }

  default Tensor reciprocal() {
    return call(RECIPROCAL);
  }

  default Tensor exp() {
    return call(EXP);
  }

  default Tensor expm1() {
    return call(EXPM1);
  }

  default Tensor log() {
    return call(LOG);
  }

  default Tensor log1p() {
    return call(LOG1P);
  }

  default Tensor sqrt() {
    return call(SQRT);
  }

  default Tensor rsqrt() {
    return call(RSQRT);
  }

  default Tensor sin() {
    return call(SIN);
  }

  default Tensor cos() {
    return call(COS);
  }

  default Tensor tan() {
    return call(TAN);
  }

  default Tensor asin() {
    return call(ASIN);
  }

  default Tensor acos() {
    return call(ACOS);
  }

  default Tensor atan() {
    return call(ATAN);
  }

  default Tensor sinh() {
    return call(SINH);
  }

  default Tensor cosh() {
    return call(COSH);
  }

  default Tensor tanh() {
    return call(TANH);
  }

  default Tensor sigmoid() {
    return call(SIGMOID);
  }

  default Tensor erf() {
    return call(ERF);
  }

  default Tensor relu() {
    return call(RELU);
  }

  /** {@link Pointwise#GELU} of each element; PyTorch: {@code torch.nn.functional.gelu}. */
  default Tensor gelu() {
    return call(GELU);
  }

  /** {@link Pointwise#QUICK_GELU} of each element. */
  default Tensor quickGelu() {
    return call(QUICK_GELU);
  }

  default Tensor silu() {
    return call(SILU);
  }

  default Tensor hardswish() {
    return call(HARDSWISH);
  }

  default Tensor hardsigmoid() {
    return call(HARDSIGMOID);
  }

  /** Half to even. */
  default Tensor round() {
    return call(ROUND);
  }

  default Tensor logicalNot() {
    return call(LOGICAL_NOT);
  }

  /** To this many decimals, half to even; negative: to tens, hundreds and so on. */
  default Tensor round(int decimals) {
    return call(Pointwise.round(decimals));
  }

  /** 2 to the power of this. */
  default Tensor exp2() {
    return call(EXP2);
  }

  default Tensor log2() {
    return call(LOG2);
  }

  default Tensor log10() {
    return call(LOG10);
  }

  default Tensor asinh() {
    return call(ASINH);
  }

  default Tensor acosh() {
    return call(ACOSH);
  }

  default Tensor atanh() {
    return call(ATANH);
  }

  /** The part behind the point, with the sign. */
  default Tensor frac() {
    return call(FRAC);
  }

  default Tensor sgn() {
    return call(SGN);
  }

  /** sin(pi x) / (pi x). */
  default Tensor sinc() {
    return call(SINC);
  }

  /** Degrees to radians. */
  default Tensor deg2rad() {
    return call(DEG2RAD);
  }

  /** Radians to degrees. */
  default Tensor rad2deg() {
    return call(RAD2DEG);
  }

  /** pi for negative numbers, else 0. */
  default Tensor angle() {
    return call(ANGLE);
  }

  /** True everywhere: there are no complex numbers. */
  default Tensor isreal() {
    return call(ISREAL);
  }

  /** A copy; not of bool. */
  default Tensor positive() {
    return call(POSITIVE);
  }

  default Tensor isinf() {
    return call(ISINF);
  }

  default Tensor isposinf() {
    return call(ISPOSINF);
  }

  default Tensor isneginf() {
    return call(ISNEGINF);
  }

  default Tensor isfinite() {
    return call(ISFINITE);
  }

  /** Whether the sign is set, also of -0. */
  default Tensor signbit() {
    return call(SIGNBIT);
  }

  /** Every bit flipped; for bool, {@link #logicalNot}. */
  default Tensor bitwiseNot() {
    return call(self().dtype() == DType.BOOL ? LOGICAL_NOT : BITWISE_NOT);
  }

  /** x = mantissa * 2^exponent with a mantissa in [1/2, 1); the exponent is I32. */
  record MantissaExponent(Tensor mantissa, Tensor exponent) {}

  default MantissaExponent frexp() {
    if (!self().dtype().isFloat()) {
      throw TorchException.type("frexp", "input", self().dtype(), "a floating point type");
    }
    return new MantissaExponent(call(MANTISSA), self().detach().apply(EXPONENT).to(DType.I32));
  }

  /** 0 in the place of NaN, the largest and smallest numbers of the type in that of infinities. */
  default Tensor nanToNum() {
    return nanToNum(0, OptionalDouble.empty(), OptionalDouble.empty());
  }

  /** Numbers in the place of NaN and infinities; absent: the type's largest and smallest. */
  default Tensor nanToNum(double nan, OptionalDouble posinf, OptionalDouble neginf) {
    if (!self().dtype().isFloat()) {
      return self().copy();
    }
    double largest =
        switch (self().dtype()) {
          case F16 -> 65504;
          case BF16 -> 0x1.fep127;
          case F64 -> Double.MAX_VALUE;
          default -> Float.MAX_VALUE;
        };
    return Dispatcher.call(
        NAN_TO_NUM,
        self(),
        self().scalar(nan),
        self().scalar(posinf.orElse(largest)),
        self().scalar(neginf.orElse(-largest)));
  }
}
