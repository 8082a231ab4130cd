package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Quantize;
import dev.flambeau.torch.op.QuantizeDynamic;
import dev.flambeau.torch.op.Types;
import dev.flambeau.torch.op.expr.Expr;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Numbers as small integers or floats times a scale, per tensor, per axis or per block. */
final class Quantizing {
  /** (x - zero) scale. */
  private static final Pointwise NUMBERS =
      new Pointwise(
          "dequantize", 3, List.of(Expr.in(0).sub(Expr.in(2)).mul(Expr.in(1))), Types.FLOAT, null);

  private Quantizing() {}

  static void register(Registry r) {
    r.values("QuantizeLinear", since(10), Quantizing::quantize);
    r.values("DequantizeLinear", since(10), Quantizing::dequantize);
    r.values("DynamicQuantizeLinear", since(11), Quantizing::dynamic);
  }

  /** Scales or zero points, stretched over the axis or the blocks they count for. */
  static Tensor stretched(Call c, Tensor parameter, Tensor x, int input) {
    if (parameter.numel() == 1 && parameter.dim() <= 1) {
      return parameter.reshape();
    }
    int axis = c.axis(1, x);
    long block = c.node().i("block_size", 0);
    if (block > 0) {
      return parameter.repeatInterleave(block, axis).narrow(axis, 0, x.size(axis));
    }
    if (parameter.dim() != 1 || parameter.numel() != x.size(axis)) {
      throw c.bad(
          "input " + input, parameter.shape(), "one number, or one for each along axis " + axis);
    }
    long[] sizes = new long[x.dim()];
    Arrays.fill(sizes, 1);
    sizes[axis] = parameter.numel();
    return parameter.reshape(sizes);
  }

  /** The least and largest integer of a type. */
  static long[] range(ElementType type) {
    if (type == ElementType.INT64 || type == ElementType.UINT64) {
      return new long[] {Long.MIN_VALUE, Long.MAX_VALUE};
    }
    long all = 1L << type.bits();
    return type.isUnsigned() ? new long[] {0, all - 1} : new long[] {-all / 2, all / 2 - 1};
  }

  private static OnnxValue[] quantize(Call c) {
    ElementType type = c.node().element("output_dtype", ElementType.UINT8);
    if (c.has(2)) {
      type = c.element(2);
    }
    Tensor x = c.in(0);
    Tensor scale = stretched(c, c.in(1), x, 1);
    if (type.isTiny()) {
      boolean saturate = c.node().flag("saturate", true);
      Tensor scaled = real(x).div(real(scale));
      return new OnnxValue[] {Casting.rounded(scaled, type, saturate, "nearest")};
    }
    Tensor zero = c.has(2) ? stretched(c, c.in(2), x, 2) : Torch.full(DType.I32, 0);
    OnnxValue[] out = {new OnnxValue.Numbers(integers(x, scale, zero, type), type)};
    if (Mode.current().grad() && (x.requiresGrad() || scale.requiresGrad())) {
      c.straight(out[0].tensor("y"), straight(real(x), real(scale), zero.to(DType.F32), type));
    }
    return out;
  }

  /** round(x / scale) + zero, brought into the type's range. */
  static Tensor integers(Tensor x, Tensor scale, Tensor zero, ElementType type) {
    long[] range = range(type);
    DType stored = type.require("QuantizeLinear");
    Quantize op = Quantize.to(stored, range[0], range[1]);
    return Dispatcher.call(op, x.detach(), scale.detach(), zero.detach());
  }

  /**
   * The integers as floats through which gradients pass straight: as if rounding were not there
   * where a number is in the type's range, and not at all where it is outside (Jacob et al. 2018).
   * By that of the scale it is learned, too (Esser et al. 2020).
   */
  private static Tensor straight(Tensor x, Tensor scale, Tensor zero, ElementType type) {
    long[] range = range(type);
    Tensor scaled = x.div(scale);
    Tensor steps = scaled.add(scaled.round().sub(scaled).detach()).add(zero);
    Tensor inside = steps.detach().clamp((double) range[0], (double) range[1]);
    return Torch.where(steps.detach().eq(inside), steps, inside);
  }

  /** Clamped to the type's range. */
  static Tensor integers(Tensor steps, ElementType type) {
    long[] range = range(type);
    return steps
        .clamp((double) range[0], (double) range[1])
        .to(DType.I32)
        .to(type.require("QuantizeLinear"));
  }

  private static Tensor real(Tensor x) {
    return x.dtype() == DType.F64 ? x : x.to(DType.F32);
  }

  private static OnnxValue[] dequantize(Call c) {
    ElementType type = c.node().element("output_dtype", c.element(1));
    Optional<Tensor> straight = c.straight(0);
    Tensor x = straight.isPresent() ? straight.get() : c.in(0);
    Tensor scale = stretched(c, c.in(1), x, 1);
    // F32 does not hold all integers of 32 bits.
    if (x.dtype() == DType.I32 || x.dtype() == DType.I64) {
      x = x.to(DType.F64);
      scale = scale.to(DType.F64);
    }
    Tensor y =
        c.has(2) ? Dispatcher.call(NUMBERS, x, scale, stretched(c, c.in(2), x, 2)) : x.mul(scale);
    return new OnnxValue[] {new OnnxValue.Numbers(y.to(type.require("DequantizeLinear")), type)};
  }

  private static OnnxValue[] dynamic(Call c) {
    return Call.plain(Dispatcher.callAll(new QuantizeDynamic(), c.in(0).detach()));
  }

  /** UINT8 over the range of the data, which is widened to contain 0. */
  record Range(float scale, long zero) {
    static Range of(Tensor x) {
      double low = Math.min(0, x.amin().item());
      double high = Math.max(0, x.amax().item());
      float scale = ((float) high - (float) low) / 255;
      long zero = Math.clamp((long) Math.rint((0 - (float) low) / step(scale)), 0L, 255L);
      return new Range(scale, zero);
    }

    private static float step(float scale) {
      return scale == 0 ? 1 : scale;
    }

    /** The integers that stand for x, as floats. */
    Tensor steps(Tensor x) {
      return x.div(step(scale)).round().add(zero).clamp(0, 255);
    }

    /** x in whole steps of the scale; the gradient is that of x / scale. */
    Tensor whole(Tensor x) {
      Tensor steps = steps(x.detach()).sub(zero);
      if (!x.requiresGrad()) {
        return steps;
      }
      Tensor exact = x.div(step(scale));
      return exact.add(steps.sub(exact.detach()));
    }
  }
}
