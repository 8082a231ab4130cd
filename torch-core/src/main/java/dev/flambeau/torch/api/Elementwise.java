package dev.flambeau.torch.api;

import static dev.flambeau.torch.op.Pointwise.*;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Cast;
import dev.flambeau.torch.op.Full;
import dev.flambeau.torch.op.Pointwise;

/**
 * Operators that work on each element by itself; operands broadcast, types are promoted as by
 * PyTorch, and a name with a trailing underscore works in place.
 */
public sealed interface Elementwise extends Self permits Tensor {
  /** How a quotient is rounded; PyTorch: {@code rounding_mode}. */
  enum Rounding {
    /** Towards 0. */
    TRUNC,
    /** Towards minus infinity. */
    FLOOR
  }

  private Tensor call(Pointwise op) {
    return Dispatcher.call(op, self());
  }

  private Tensor call(Pointwise op, Tensor other) {
    return Dispatcher.call(op, self(), other);
  }

  private Tensor call(Pointwise op, Number other) {
    return Dispatcher.call(op, self(), scalar(other));
  }

  private Tensor into(Pointwise op, Tensor other) {
    return Dispatcher.callInto(op, self(), self(), other);
  }

  /** A number as a 0-d operand that promotes as a Python number does. */
  default Tensor scalar(Number value) {
    Tensor x = self();
    boolean real = value instanceof Double || value instanceof Float;
    DType type;
    if (real) {
      type = !x.dtype().isFloat() ? DType.F32 : x.dim() > 0 ? DType.F64 : x.dtype();
    } else {
      type = x.dtype() == DType.BOOL || x.dim() > 0 ? DType.I64 : x.dtype();
    }
    Meta meta = Meta.contiguous(type, x.device(), Shape.of());
    return Dispatcher.call(new Full(meta, value.doubleValue(), value.longValue()));
  }

  default Tensor add(Tensor other) {
    return call(ADD, other);
  }

  default Tensor add(Number other) {
    return call(ADD, other);
  }

  /** {@code this + alpha * other}. */
  default Tensor add(Tensor other, Number alpha) {
    return add(other.mul(alpha));
  }

  default Tensor add_(Tensor other) {
    return into(ADD, other);
  }

  default Tensor add_(Number other) {
    return into(ADD, scalar(other));
  }

  default Tensor sub(Tensor other) {
    return call(SUB, other);
  }

  default Tensor sub(Number other) {
    return call(SUB, other);
  }

  /** {@code this - alpha * other}. */
  default Tensor sub(Tensor other, Number alpha) {
    return sub(other.mul(alpha));
  }

  default Tensor sub_(Tensor other) {
    return into(SUB, other);
  }

  /** {@code other - this}. */
  default Tensor rsub(Number other) {
    return Dispatcher.call(SUB, scalar(other), self());
  }

  default Tensor mul(Tensor other) {
    return call(MUL, other);
  }

  default Tensor mul(Number other) {
    return call(MUL, other);
  }

  default Tensor mul_(Tensor other) {
    return into(MUL, other);
  }

  default Tensor mul_(Number other) {
    return into(MUL, scalar(other));
  }

  /** True division: integers give float. */
  default Tensor div(Tensor other) {
    return call(DIV, other);
  }

  default Tensor div(Number other) {
    return call(DIV, other);
  }

  /** The quotient rounded to a whole number of the promoted type. */
  default Tensor div(Tensor other, Rounding rounding) {
    return call(rounding == Rounding.FLOOR ? DIV_FLOOR : DIV_TRUNC, other);
  }

  default Tensor div_(Tensor other) {
    return into(DIV, other);
  }

  default Tensor floorDivide(Tensor other) {
    return call(FLOOR_DIVIDE, other);
  }

  default Tensor floorDivide(Number other) {
    return call(FLOOR_DIVIDE, other);
  }

  /** With the divisor's sign. */
  default Tensor remainder(Tensor other) {
    return call(REMAINDER, other);
  }

  default Tensor remainder(Number other) {
    return call(REMAINDER, other);
  }

  /** With the dividend's sign. */
  default Tensor fmod(Tensor other) {
    return call(FMOD, other);
  }

  default Tensor pow(Tensor other) {
    return call(POW, other);
  }

  default Tensor pow(Number exponent) {
    boolean whole = !(exponent instanceof Double || exponent instanceof Float);
    if (whole && exponent.longValue() < 0 && !self().dtype().isFloat()) {
      throw TorchException.argument(
          "pow", "exponent", exponent, "0 or more for integers; or convert them to floats");
    }
    return exponent.doubleValue() == 2 ? call(SQUARE) : call(POW, exponent);
  }

  default Tensor minimum(Tensor other) {
    return call(MINIMUM, other);
  }

  default Tensor maximum(Tensor other) {
    return call(MAXIMUM, other);
  }

  default Tensor atan2(Tensor other) {
    return call(ATAN2, other);
  }

  default Tensor eq(Tensor other) {
    return call(EQ, other);
  }

  default Tensor eq(Number other) {
    return call(EQ, other);
  }

  default Tensor ne(Tensor other) {
    return call(NE, other);
  }

  default Tensor ne(Number other) {
    return call(NE, other);
  }

  default Tensor lt(Tensor other) {
    return call(LT, other);
  }

  default Tensor lt(Number other) {
    return call(LT, other);
  }

  default Tensor le(Tensor other) {
    return call(LE, other);
  }

  default Tensor le(Number other) {
    return call(LE, other);
  }

  default Tensor gt(Tensor other) {
    return call(GT, other);
  }

  default Tensor gt(Number other) {
    return call(GT, other);
  }

  default Tensor ge(Tensor other) {
    return call(GE, other);
  }

  default Tensor ge(Number other) {
    return call(GE, other);
  }

  default Tensor logicalAnd(Tensor other) {
    return call(LOGICAL_AND, other);
  }

  default Tensor logicalOr(Tensor other) {
    return call(LOGICAL_OR, other);
  }

  default Tensor logicalXor(Tensor other) {
    return call(LOGICAL_XOR, other);
  }

  /** Any pointwise operator with this tensor as the only input. */
  default Tensor apply(Pointwise op) {
    return call(op);
  }

  /** Any pointwise operator with this tensor as the first of two inputs. */
  default Tensor apply(Pointwise op, Tensor other) {
    return call(op, other);
  }

  /** Overwrites the elements with those of {@code source}, broadcast and converted. */
  default Tensor copy_(Tensor source) {
    return Dispatcher.callInto(Pointwise.SECOND, self(), self(), source.to(self().dtype()));
  }

  default Tensor fill_(Number value) {
    return Dispatcher.callInto(
        Pointwise.SECOND, self(), self(), self().newFull(self().dtype(), value));
  }

  /** A copy with all elements {@code value}; the gradient by this tensor is 0. */
  default Tensor fill(Number value) {
    return self().copy().fill_(value);
  }

  default Tensor zero_() {
    return fill_(0);
  }

  /** The elements converted to {@code dtype}; this tensor if it has that type. */
  default Tensor to(DType dtype) {
    return self().dtype() == dtype ? self() : Dispatcher.call(new Cast(dtype), self());
  }

  /** {@code yes} where {@code condition} is true, else {@code no}; PyTorch: {@code torch.where}. */
  static Tensor where(Tensor condition, Tensor yes, Tensor no) {
    return Dispatcher.call(WHERE, condition, yes, no);
  }
}
