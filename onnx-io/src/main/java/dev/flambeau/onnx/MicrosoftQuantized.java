package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.op.Pointwise;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * Operators from 8-bit integers to 8-bit integers: computed on the numbers the integers stand for,
 * and rounded at the end. Source: onnxruntime, docs/ContribOperators.md.
 */
final class MicrosoftQuantized {
  private MicrosoftQuantized() {}

  static void register(Registry r) {
    r.standard("QuantizeLinear", 21);
    r.standard("DequantizeLinear", 21);
    r.values("QLinearAdd", c -> out(c, real(c, 0).add(real(c, 3)), 6));
    r.values("QLinearMul", c -> out(c, real(c, 0).mul(real(c, 3)), 6));
    unary(r, "QLinearSigmoid", c -> real(c, 0).sigmoid());
    unary(r, "QLinearLeakyRelu", MicrosoftQuantized::leaky);
    unary(r, "QLinearSoftmax", MicrosoftQuantized::softmax);
    unary(r, "QLinearReduceMean", MicrosoftQuantized::mean);
    unary(r, "QLinearAveragePool", c -> pooled(c, x -> Pooling.average(c.on(x))));
    unary(r, "QLinearGlobalAveragePool", c -> pooled(c, x -> x.mean(Call.spatial(x), true)));
    r.values("QLinearConcat", MicrosoftQuantized::concat);
    r.values("QLinearWhere", MicrosoftQuantized::where);
    r.values("QLinearConv", MicrosoftQuantized::conv);
    r.map("NhwcMaxPool", c -> last(Pooling.max(c.on(first(c.in(0))))[0]));
  }

  private static void unary(Registry r, String type, Registry.Single operator) {
    r.values(type, c -> out(c, operator.apply(c), 3));
  }

  /** The numbers of input {@code x}, with scale and zero point in the next two inputs. */
  private static Tensor real(Call c, int x) {
    Tensor steps = c.in(x).to(DType.F32);
    Tensor scale = c.in(x + 1).reshape();
    return (c.has(x + 2) ? steps.sub(c.in(x + 2).reshape().to(DType.F32)) : steps).mul(scale);
  }

  /** As integers, with the scale in input {@code scale} and the zero point in the next. */
  private static OnnxValue[] out(Call c, Tensor y, int scale) {
    Tensor steps = y.div(c.in(scale).reshape()).round();
    boolean given = c.has(scale + 1);
    ElementType type = given ? c.element(scale + 1) : c.element(0);
    Tensor moved = given ? steps.add(c.in(scale + 1).reshape().to(DType.F32)) : steps;
    return Call.typed(Quantizing.integers(moved, type), type);
  }

  private static Tensor leaky(Call c) {
    return real(c, 0).apply(Pointwise.leakyRelu(c.node().f("alpha", 0.01f)));
  }

  /** As the standard operator of the operator set that attribute {@code opset} names. */
  private static Tensor softmax(Call c) {
    return Linear.softmax(c.on(real(c, 0)).by(c.node().i("opset", 13)), false);
  }

  private static Tensor mean(Call c) {
    Tensor x = real(c, 0);
    int[] axes = x.shape().axes(c.ints(c.node().ints("axes", new long[0])));
    int[] all = IntStream.range(0, x.dim()).toArray();
    return x.mean(axes.length == 0 ? all : axes, c.node().flag("keepdims", true));
  }

  private static Tensor first(Tensor x) {
    return x.movedim(-1, 1);
  }

  private static Tensor last(Tensor x) {
    return x.movedim(1, -1);
  }

  private static Tensor pooled(Call c, UnaryOperator<Tensor> pool) {
    Tensor x = real(c, 0);
    return c.node().flag("channels_last", false) ? last(pool.apply(first(x))) : pool.apply(x);
  }

  /** Scale and zero point of the result, then each part with its own. */
  private static OnnxValue[] concat(Call c) {
    if (c.count() < 5 || c.count() % 3 != 2) {
      throw c.bad("inputs", c.count(), "2, and 3 for each part");
    }
    List<Tensor> parts = new ArrayList<>();
    for (int i = 2; i < c.count(); i += 3) {
      parts.add(real(c, i));
    }
    return out(c, Torch.cat(parts, c.axis(c.node().i("axis", 0))), 0);
  }

  private static OnnxValue[] where(Call c) {
    return out(c, Torch.where(c.in(0), real(c, 1), real(c, 4)), 7);
  }

  private static OnnxValue[] conv(Call c) {
    if (!c.node().flag("channels_last", false)) {
      return IntegerProducts.quantizedConv(c);
    }
    Tensor[] in = c.inputs();
    in[0] = first(in[0]);
    OnnxValue y = IntegerProducts.quantizedConv(c.on(in))[0];
    if (y instanceof OnnxValue.Numbers(Tensor t, ElementType type)) {
      return new OnnxValue[] {new OnnxValue.Numbers(last(t), type)};
    }
    throw new IllegalStateException(y.describe());
  }
}
