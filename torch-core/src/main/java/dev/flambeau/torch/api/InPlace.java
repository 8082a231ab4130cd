package dev.flambeau.torch.api;

import static dev.flambeau.torch.op.ElementaryOps.*;
import static dev.flambeau.torch.op.Pointwise.*;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.SpecialOps;

/**
 * Elementwise operators in place: the result replaces this tensor's elements, if its shape and type
 * category allow that.
 */
public sealed interface InPlace extends Self permits Tensor {
  /** Any pointwise operator with this tensor as the first input, in place. */
  default Tensor apply_(Pointwise op, Tensor... others) {
    Tensor[] inputs = new Tensor[others.length + 1];
    inputs[0] = self();
    System.arraycopy(others, 0, inputs, 1, others.length);
    return Dispatcher.callInto(op, self(), inputs);
  }

  private Tensor into(Pointwise op, Number other) {
    return apply_(op, self().scalar(other));
  }

  default Tensor neg_() {
    return apply_(NEG);
  }

  default Tensor abs_() {
    return apply_(ABS);
  }

  default Tensor sign_() {
    return apply_(SIGN);
  }

  default Tensor floor_() {
    return apply_(FLOOR);
  }

  default Tensor ceil_() {
    return apply_(CEIL);
  }

  default Tensor round_() {
    return apply_(ROUND);
  }

  default Tensor trunc_() {
    return apply_(TRUNC);
  }

  default Tensor square_() {
    return apply_(SQUARE);
  }

  default Tensor reciprocal_() {
    return apply_(RECIPROCAL);
  }

  default Tensor exp_() {
    return apply_(EXP);
  }

  default Tensor expm1_() {
    return apply_(EXPM1);
  }

  default Tensor log_() {
    return apply_(LOG);
  }

  default Tensor log1p_() {
    return apply_(LOG1P);
  }

  default Tensor sqrt_() {
    return apply_(SQRT);
  }

  default Tensor rsqrt_() {
    return apply_(RSQRT);
  }

  default Tensor sin_() {
    return apply_(SIN);
  }

  default Tensor cos_() {
    return apply_(COS);
  }

  default Tensor tan_() {
    return apply_(TAN);
  }

  default Tensor asin_() {
    return apply_(ASIN);
  }

  default Tensor acos_() {
    return apply_(ACOS);
  }

  default Tensor atan_() {
    return apply_(ATAN);
  }

  default Tensor sinh_() {
    return apply_(SINH);
  }

  default Tensor cosh_() {
    return apply_(COSH);
  }

  default Tensor tanh_() {
    return apply_(TANH);
  }

  default Tensor sigmoid_() {
    return apply_(SIGMOID);
  }

  default Tensor erf_() {
    return apply_(ERF);
  }

  default Tensor relu_() {
    return apply_(RELU);
  }

  default Tensor logicalNot_() {
    return apply_(LOGICAL_NOT);
  }

  default Tensor exp2_() {
    return apply_(EXP2);
  }

  default Tensor log2_() {
    return apply_(LOG2);
  }

  default Tensor log10_() {
    return apply_(LOG10);
  }

  default Tensor asinh_() {
    return apply_(ASINH);
  }

  default Tensor acosh_() {
    return apply_(ACOSH);
  }

  default Tensor atanh_() {
    return apply_(ATANH);
  }

  default Tensor frac_() {
    return apply_(FRAC);
  }

  default Tensor sgn_() {
    return apply_(SGN);
  }

  default Tensor sinc_() {
    return apply_(SINC);
  }

  default Tensor deg2rad_() {
    return apply_(DEG2RAD);
  }

  default Tensor rad2deg_() {
    return apply_(RAD2DEG);
  }

  default Tensor erfc_() {
    return apply_(SpecialOps.ERFC);
  }

  default Tensor erfinv_() {
    return apply_(SpecialOps.ERFINV);
  }

  default Tensor lgamma_() {
    return apply_(SpecialOps.LGAMMA);
  }

  default Tensor digamma_() {
    return apply_(SpecialOps.DIGAMMA);
  }

  default Tensor sub_(Number other) {
    return into(SUB, other);
  }

  default Tensor div_(Number other) {
    return into(DIV, other);
  }

  default Tensor pow_(Tensor other) {
    return apply_(POW, other);
  }

  default Tensor pow_(Number other) {
    return into(POW, other);
  }

  default Tensor remainder_(Tensor other) {
    return apply_(REMAINDER, other);
  }

  default Tensor remainder_(Number other) {
    return into(REMAINDER, other);
  }

  default Tensor fmod_(Tensor other) {
    return apply_(FMOD, other);
  }

  default Tensor fmod_(Number other) {
    return into(FMOD, other);
  }

  default Tensor floorDivide_(Tensor other) {
    return apply_(FLOOR_DIVIDE, other);
  }

  default Tensor floorDivide_(Number other) {
    return into(FLOOR_DIVIDE, other);
  }

  default Tensor clampMin_(Number other) {
    return into(CLAMP_MIN, other);
  }

  default Tensor clampMax_(Number other) {
    return into(CLAMP_MAX, other);
  }

  default Tensor bitwiseAnd_(Tensor other) {
    return apply_(BITWISE_AND, other);
  }

  default Tensor bitwiseOr_(Tensor other) {
    return apply_(BITWISE_OR, other);
  }

  default Tensor bitwiseXor_(Tensor other) {
    return apply_(BITWISE_XOR, other);
  }

  /** {@code this + alpha * other} in place. */
  default Tensor add_(Tensor other, Number alpha) {
    return apply_(ADD, other.mul(alpha));
  }

  default Tensor clamp_(Number low, Number high) {
    return apply_(CLAMP, self().scalar(low), self().scalar(high));
  }

  default Tensor lerp_(Tensor end, double weight) {
    return apply_(LERP, end, self().scalar(weight));
  }

  default Tensor addcmul_(Tensor a, Tensor b, Number value) {
    return apply_(ADDCMUL, a, b, self().scalar(value));
  }

  default Tensor addcdiv_(Tensor a, Tensor b, Number value) {
    return apply_(ADDCDIV, a, b, self().scalar(value));
  }
}
