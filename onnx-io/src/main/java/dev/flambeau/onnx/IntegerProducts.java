package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Conv;
import java.util.Arrays;

/**
 * Products of 8-bit integers, summed exactly. Sums of up to 2^24 in magnitude are exact in F32;
 * larger ones are computed in F64, which holds every sum that INT32 does.
 */
final class IntegerProducts {
  private IntegerProducts() {}

  static void register(Registry r) {
    r.values("MatMulInteger", since(10), IntegerProducts::matMul);
    r.values("ConvInteger", since(10), IntegerProducts::conv);
    r.values("QLinearMatMul", since(10), IntegerProducts::quantizedMatMul);
    r.values("QLinearConv", since(10), IntegerProducts::quantizedConv);
  }

  /** The type in which sums of {@code terms} products are exact. */
  static DType exact(long terms) {
    return terms * 255 * 255 < 1 << 24 ? DType.F32 : DType.F64;
  }

  /** Integers minus their zero point; a vector of them counts along {@code axis}. */
  static Tensor centred(Call c, int value, int zero, int axis, DType type) {
    Tensor x = c.in(value).to(type);
    if (!c.has(zero)) {
      return x;
    }
    Tensor z = c.in(zero).to(type);
    return x.sub(z.numel() == 1 ? z.reshape() : along(z, x, axis));
  }

  static Tensor along(Tensor vector, Tensor x, int axis) {
    if (vector.dim() > 1) {
      return vector;
    }
    long[] sizes = new long[x.dim()];
    Arrays.fill(sizes, 1);
    sizes[axis < 0 ? axis + x.dim() : axis] = vector.numel();
    return vector.reshape(sizes);
  }

  private static OnnxValue[] matMul(Call c) {
    DType type = exact(c.in(0).size(-1));
    // Zero points of A count by rows, those of B by columns.
    Tensor a = centred(c, 0, 2, c.in(0).dim() > 1 ? -2 : 0, type);
    Tensor b = centred(c, 1, 3, -1, type);
    return Call.plain(a.matmul(b).to(DType.I32));
  }

  private static OnnxValue[] conv(Call c) {
    DType type = exact(terms(c.in(1)));
    Tensor x = centred(c, 0, 2, 1, type);
    Tensor w = centred(c, 1, 3, 0, type);
    return Call.plain(convolved(c, x, w).to(DType.I32));
  }

  private static long terms(Tensor weight) {
    return weight.numel() / Math.max(1, weight.size(0));
  }

  private static Tensor convolved(Call c, Tensor x, Tensor w) {
    long[] kernel = Convolution.kernel(c, x, w);
    return Dispatcher.call(new Conv(Windows.of(c, x, kernel), c.node().i("group", 1)), x, w);
  }

  /** a, scale, zero, b, scale, zero, scale of y, zero of y. */
  private static OnnxValue[] quantizedMatMul(Call c) {
    DType type = exact(c.in(0).size(-1));
    Tensor a = centred(c, 0, 2, c.in(0).dim() > 1 ? -2 : 0, type);
    Tensor b = centred(c, 3, 5, -1, type);
    Tensor sums = a.matmul(b);
    Tensor scaleA = c.in(1).numel() == 1 ? c.in(1).reshape() : along(c.in(1), sums, -2);
    Tensor scaleB = c.in(4).numel() == 1 ? c.in(4).reshape() : along(c.in(4), sums, -1);
    Tensor scaleY = c.in(6).numel() == 1 ? c.in(6).reshape() : along(c.in(6), sums, -2);
    Tensor zeroY = c.in(7).numel() == 1 ? c.in(7).reshape() : along(c.in(7), sums, -2);
    return requantized(c, sums, scaleA.mul(scaleB).div(scaleY), zeroY, 7);
  }

  /** x, scale, zero, w, scale, zero, scale of y, zero of y, bias in steps of both scales. */
  static OnnxValue[] quantizedConv(Call c) {
    DType type = exact(terms(c.in(3)));
    Tensor x = centred(c, 0, 2, 1, type);
    Tensor w = centred(c, 3, 5, 0, type);
    Tensor sums = convolved(c, x, w);
    if (c.has(8)) {
      sums = sums.to(DType.F64).add(along(c.in(8).to(DType.F64), sums, 1));
    }
    Tensor scaleW = c.in(4).numel() == 1 ? c.in(4).reshape() : along(c.in(4), sums, 1);
    Tensor scale = c.in(1).reshape().mul(scaleW).div(c.in(6).reshape());
    return requantized(c, sums, scale, c.in(7).reshape(), 7);
  }

  private static OnnxValue[] requantized(
      Call c, Tensor sums, Tensor scale, Tensor zero, int typeInput) {
    Tensor steps = sums.to(DType.F32).mul(scale.to(DType.F32)).round().add(zero.to(DType.F32));
    ElementType type = c.element(typeInput);
    return Call.typed(Quantizing.integers(steps, type), type);
  }
}
