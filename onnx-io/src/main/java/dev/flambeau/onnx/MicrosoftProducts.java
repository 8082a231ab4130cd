package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.Arrays;

/**
 * Products of small integers with float results, and what is built on them. Floats that are
 * quantized on the way have the gradient of what they stand for. Source: onnxruntime,
 * docs/ContribOperators.md.
 */
final class MicrosoftProducts {
  /** Beyond all inputs: one that there is not. */
  private static final int NONE = Integer.MAX_VALUE;

  private MicrosoftProducts() {}

  static void register(Registry r) {
    r.map("DynamicQuantizeMatMul", MicrosoftProducts::dynamic);
    r.values("MatMulIntegerToFloat", c -> Call.plain(toFloat(c)));
    r.values("MatMulInteger16", c -> Call.plain(wide(c)));
    r.values("QGemm", MicrosoftProducts::gemm);
    r.values("QAttention", MicrosoftProducts::attention);
    r.mapAll("DynamicQuantizeLSTM", MicrosoftProducts::lstm);
  }

  /** A scale for all or one a column. */
  private static Tensor columns(Tensor scale) {
    return scale.numel() == 1 ? scale.reshape() : scale.reshape(-1);
  }

  private static Tensor plusBias(Call c, Tensor y, int bias) {
    return c.has(bias) ? y.add(c.in(bias)) : y;
  }

  /** A is quantized to UINT8 over its range. */
  private static Tensor dynamic(Call c) {
    Tensor a = c.in(0);
    if (a.numel() == 0) {
      return plusBias(c, a.matmul(c.in(1).to(a.dtype())), 4);
    }
    Quantizing.Range range = Quantizing.Range.of(a.detach());
    Tensor b = centred(c, 1, 3, -1, a.dtype());
    Tensor y = range.whole(a).matmul(b).mul(columns(c.in(2)).mul(range.scale()));
    return plusBias(c, y, 4);
  }

  private static Tensor toFloat(Call c) {
    Tensor a = centred(c, 0, 4, -1, DType.F32);
    Tensor b = centred(c, 1, 5, -1, DType.F32);
    Tensor y = a.matmul(b).mul(columns(c.in(2)).mul(columns(c.in(3))));
    return plusBias(c, y, 6);
  }

  /** Sums of products of 16-bit integers, which F64 holds, in the range of INT32. */
  private static Tensor wide(Call c) {
    Tensor sums = c.in(0).to(DType.F64).matmul(c.in(1).to(DType.F64));
    return ElementType.INT32.wrap(sums.to(DType.I64)).to(DType.I32);
  }

  /** alpha scaleA scaleB (A B + C); as integers where y has a scale. */
  private static OnnxValue[] gemm(Call c) {
    boolean across = c.node().flag("transA", false);
    Tensor a0 = c.in(0);
    DType type = c.has(7) ? exact(a0.size(across ? 0 : -1)) : DType.F32;
    Tensor a = centred(c, 0, 2, -1, type);
    boolean turned = c.node().flag("transB", false);
    Tensor b = centred(c, 3, 5, turned ? 0 : 1, type);
    Tensor sums = (across ? a.t() : a).matmul(turned ? b.t() : b);
    if (c.has(6)) {
      sums = sums.to(DType.F64).add(c.in(6).to(DType.F64));
    }
    Tensor scale = c.in(1).reshape().mul(columns(c.in(4))).mul(c.node().f("alpha", 1));
    if (!c.has(7)) {
      return Call.plain(sums.to(DType.F32).mul(scale));
    }
    Tensor steps = sums.to(DType.F32).mul(scale.div(c.in(7).reshape())).round();
    ElementType out = c.has(8) ? c.element(8) : ElementType.UINT8;
    Tensor zero = c.has(8) ? c.in(8).reshape().to(DType.F32) : Torch.full(DType.F32, 0);
    return Call.typed(Quantizing.integers(steps.add(zero), out), out);
  }

  /** Input and weight are integers, the bias and all after it floats. */
  private static OnnxValue[] attention(Call c) {
    Tensor x = centred(c, 0, 6, -1, DType.F32);
    Tensor w = centred(c, 1, 7, -1, DType.F32);
    Tensor scale = c.in(3).reshape().mul(columns(c.in(4)));
    Tensor all = plusBias(c, x.matmul(w).mul(scale), 2);
    return Call.plain(MicrosoftAttention.projected(c, all, 5, 8, NONE, NONE));
  }

  /** Weights (D, I, 4 H) and (D, H, 4 H); inputs and states are quantized over their ranges. */
  private static Tensor[] lstm(Call c) {
    Tensor[] in = new Tensor[8];
    in[0] = c.in(0);
    in[1] = weight(c, 1, 8);
    in[2] = weight(c, 2, 10);
    for (int i = 3; i < 8; i++) {
      in[i] = c.has(i) ? c.in(i) : null;
    }
    return Recurrent.rounded(c.on(in), MicrosoftProducts::rounded);
  }

  private static Tensor rounded(Tensor x) {
    if (x.numel() == 0) {
      return x;
    }
    Quantizing.Range range = Quantizing.Range.of(x.detach());
    return range.whole(x).mul(range.scale());
  }

  /** As LSTM has it: (D, 4 H, any). */
  private static Tensor weight(Call c, int input, int scale) {
    Tensor w = c.in(input);
    if (w.dim() != 3) {
      throw c.bad("W, R", w.shape(), "(directions, inputs, 4 hidden)");
    }
    Tensor zero = perDirection(c.in(scale + 1), w).to(DType.F32);
    Tensor whole = w.to(DType.F32).sub(zero).mul(perDirection(c.in(scale), w));
    return whole.transpose(1, 2);
  }

  /** (D) or (D, 4 H) next to (D, any, 4 H). */
  private static Tensor perDirection(Tensor x, Tensor w) {
    return x.reshape(w.size(0), 1, x.numel() == w.size(0) ? 1 : w.size(2));
  }

  /** The type in which sums of {@code terms} products are exact. */
  private static DType exact(long terms) {
    return terms * 255 * 255 < 1 << 24 ? DType.F32 : DType.F64;
  }

  /** Integers minus their zero point; a vector of them counts along {@code axis}. */
  private static Tensor centred(Call c, int value, int zero, int axis, DType type) {
    Tensor x = c.in(value).to(type);
    if (!c.has(zero)) {
      return x;
    }
    Tensor z = c.in(zero).to(type);
    return x.sub(z.numel() == 1 ? z.reshape() : along(z, x, axis));
  }

  private static Tensor along(Tensor vector, Tensor x, int axis) {
    if (vector.dim() > 1) {
      return vector;
    }
    long[] sizes = new long[x.dim()];
    Arrays.fill(sizes, 1);
    sizes[axis < 0 ? axis + x.dim() : axis] = vector.numel();
    return vector.reshape(sizes);
  }
}
