package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.op.Pointwise;
import java.util.List;
import java.util.stream.LongStream;

/** Experimental operators of ONNX's first operator set (ONNX 1.4, Operators.md), long removed. */
final class Removed {
  private Removed() {}

  static void register(Registry r) {
    r.map("Affine", c -> c.in(0).mul(c.node().f("alpha", 1)).add(c.node().f("beta", 0)));
    r.map("Scale", c -> c.in(0).mul(c.node().f("scale", 1)));
    r.map("ScaledTanh", c -> c.in(0).mul(c.node().f("beta", 1)).tanh().mul(c.node().f("alpha", 1)));
    r.map(
        "ParametricSoftplus",
        c ->
            c.in(0)
                .mul(c.node().f("beta", 1))
                .apply(Pointwise.SOFTPLUS)
                .mul(c.node().f("alpha", 1)));
    r.map("ImageScaler", Removed::scaledImage);
    r.map("Crop", Removed::crop);
    r.values("ConstantFill", Removed::constant);
    r.map("GivenTensorFill", Removed::given);
    r.standard("DynamicSlice", "Slice", 10);
  }

  /** The sizes of an input or those it names, or those of an attribute; and extra ones. */
  private static long[] shape(Call c) {
    long[] extra = c.node().ints("extra_shape", new long[0]);
    long[] first =
        !c.has(0)
            ? c.node().ints("shape", new long[0])
            : c.node().flag("input_as_shape", false)
                ? c.in(0).toLongArray()
                : c.in(0).shape().sizes();
    if (!c.has(0) && extra.length > 0) {
      throw c.bad("extra_shape", extra.length + " sizes", "none without an input");
    }
    long[] sizes = LongStream.concat(LongStream.of(first), LongStream.of(extra)).toArray();
    Limits.checked(c.name(), sizes);
    return sizes;
  }

  private static OnnxValue[] constant(Call c) {
    Tensor filled = Torch.full(DType.F32, c.node().f("value", 0), shape(c));
    return Casting.cast(OnnxValue.of(filled), c.node().element("dtype", ElementType.FLOAT), c);
  }

  private static Tensor given(Call c) {
    double[] values = c.node().floats("values", new double[0]);
    long[] sizes = shape(c);
    if (LongStream.of(sizes).reduce(1, (a, b) -> a * b) != values.length) {
      throw c.bad("values", values.length + " numbers", "as many as its shape has elements");
    }
    return Torch.tensor(values, sizes);
  }

  private static Tensor scaledImage(Call c) {
    double[] bias = c.node().floats("bias", new double[0]);
    Tensor x = c.in(0).mul(c.node().f("scale", 1));
    if (bias.length == 0) {
      return x;
    }
    return x.add(Torch.tensor(bias, bias.length, 1, 1).to(x.dtype()));
  }

  /** Cut at the left, top, right and bottom; or to a size from left and top on. */
  private static Tensor crop(Call c) {
    Tensor x = c.in(0);
    long[] border = c.node().ints("border", new long[0]);
    long[] size = c.node().ints("scale", new long[0]);
    if (x.dim() != 4 || border.length != 4 || size.length != 0 && size.length != 2) {
      throw c.bad(
          "border, scale", List.of(border.length, size.length), "four numbers, two or none");
    }
    long height = size.length == 2 ? size[0] : x.size(2) - border[1] - border[3];
    long width = size.length == 2 ? size[1] : x.size(3) - border[0] - border[2];
    return x.narrow(2, border[1], height).narrow(3, border[0], width);
  }
}
