package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.functional.F;
import java.util.List;

/** Constants, and Dropout, whose mask is made. */
final class Creation {
  private Creation() {}

  static void register(Registry r) {
    r.values("Constant", Creation::constant);
    r.values("ConstantOfShape", since(9), Creation::constantOfShape);
    r.map("Range", since(11), Creation::range);
    r.values("EyeLike", since(9), Creation::eyeLike);
    r.mapAll("Dropout", Creation::dropout);
  }

  private static OnnxValue[] constant(Call c) {
    Node n = c.node();
    if (n.has("value_string")) {
      return new OnnxValue[] {new OnnxValue.Texts(List.of(n.s("value_string", "")), Shape.of())};
    }
    if (n.has("value_strings")) {
      return new OnnxValue[] {OnnxValue.of(n.strings("value_strings"))};
    }
    if (n.has("value_float")) {
      return Call.plain(Torch.full(DType.F32, n.f("value_float", 0)));
    }
    if (n.has("value_int")) {
      return Call.plain(Torch.full(DType.I64, n.i("value_int", 0)));
    }
    if (n.has("value_floats")) {
      return Call.plain(Torch.tensor(n.floats("value_floats", null)).to(DType.F32));
    }
    if (n.has("value_ints")) {
      return Call.plain(Torch.tensor(n.ints("value_ints", null)));
    }
    String where = n.has("sparse_value") ? "sparse_value" : "value";
    return new OnnxValue[] {n.value(where).orElseThrow(() -> c.bad("value", "missing", "a value"))};
  }

  private static OnnxValue[] constantOfShape(Call c) {
    long[] sizes = c.longs(0);
    Limits.checked(c.name(), sizes);
    OnnxValue value = c.node().value("value").orElse(OnnxValue.of(Torch.zeros(1)));
    if (value instanceof OnnxValue.Numbers(Tensor t, ElementType type) && t.numel() == 1) {
      return new OnnxValue[] {new OnnxValue.Numbers(t.reshape().expand(sizes).contiguous(), type)};
    }
    throw c.bad("value", value.describe(), "one number");
  }

  static Tensor range(Call c) {
    DType type = c.in(0).dtype();
    double start = c.scalar(0);
    double step = c.scalar(2);
    double steps = Math.ceil((c.scalar(1) - start) / step);
    if (!(Math.abs(steps) < Long.MAX_VALUE)) {
      throw c.bad("delta", step, "a step other than 0");
    }
    long count = Math.max(0, (long) steps);
    Limits.checked(c.name(), count);
    return Torch.arange(count).to(type).mul(c.in(2)).add(c.in(0));
  }

  private static OnnxValue[] eyeLike(Call c) {
    Tensor x = c.in(0);
    if (x.dim() != 2) {
      throw c.bad("input", x.shape(), "two axes");
    }
    Tensor row = Torch.arange(x.size(0)).unsqueeze(1);
    Tensor one = Torch.arange(x.size(1)).sub(row).eq(c.node().i("k", 0));
    return Casting.cast(OnnxValue.of(one), c.node().element("dtype", c.element(0)), c);
  }

  /** The ratio is an attribute below operator set 12, an input from then on, with the mode. */
  private static Tensor[] dropout(Call c) {
    Tensor x = c.in(0);
    double ratio = c.optionalScalar(1).orElse(c.node().f("ratio", 0.5));
    boolean drop = ratio > 0 && (c.training() || c.has(2) && c.truth(2));
    if (!c.wants(1)) {
      return new Tensor[] {F.dropout(x, ratio, drop)};
    }
    Tensor kept = F.dropout(x.detach().onesLike(), ratio, drop);
    Tensor mask = c.opset() < 10 ? kept.ne(0).to(x.dtype()) : kept.ne(0);
    return new Tensor[] {drop ? x.mul(kept) : x, mask};
  }
}
