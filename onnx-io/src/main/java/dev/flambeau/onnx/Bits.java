package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;

/** Operators on the bits of integers. */
final class Bits {
  private Bits() {}

  static void register(Registry r) {
    r.binary("BitwiseAnd", since(18), Tensor::bitwiseAnd);
    r.binary("BitwiseOr", since(18), Tensor::bitwiseOr);
    r.binary("BitwiseXor", since(18), Tensor::bitwiseXor);
    r.unary("BitwiseNot", since(18), Tensor::bitwiseNot);
    r.map("BitShift", since(11), Bits::shift);
  }

  /** Zeros are shifted in; a shift by the width or more leaves nothing. */
  private static Tensor shift(Call c) {
    Tensor x = c.in(0);
    Tensor by = c.in(1);
    int bits = c.element(0).bits();
    boolean left = c.node().s("direction", "").equals("LEFT");
    Tensor small = by.clamp(0, bits - 1);
    Tensor shifted = left ? x.bitwiseLeftShift(small) : x.bitwiseRightShift(small);
    if (!left && c.element(0) == ElementType.UINT64) {
      // The sign bit of the I64 that holds it is a bit of the number.
      Tensor half = x.bitwiseRightShift(1).bitwiseAnd(Long.MAX_VALUE);
      shifted = Torch.where(small.eq(0), x, half.bitwiseRightShift(small.sub(1).clamp(0, bits)));
    }
    return Torch.where(by.ge(bits), shifted.zerosLike(), shifted);
  }
}
