package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.functional.F;

/** Constants, and Dropout, whose mask is made. */
final class Creation {
  private Creation() {}

  static void register(Registry r) {
    r.map("Constant", Creation::constant);
    r.map("ConstantOfShape", Creation::constantOfShape);
    r.map("Range", Creation::range);
    r.map("EyeLike", Creation::eyeLike);
    r.mapAll("Dropout", Creation::dropout);
  }

  private static Tensor constant(Call c) {
    Node n = c.node();
    if (n.has("value_float")) {
      return Torch.tensor(new float[] {(float) n.f("value_float", 0)}).reshape();
    }
    if (n.has("value_int")) {
      return Torch.tensor(new long[] {n.i("value_int", 0)}).reshape();
    }
    if (n.has("value_floats")) {
      double[] values = n.floats("value_floats", null);
      return Torch.tensor(values).to(DType.F32);
    }
    if (n.has("value_ints")) {
      return Torch.tensor(n.ints("value_ints", null));
    }
    return n.tensor("value")
        .orElseThrow(() -> c.bad("value", "a string or sparse tensor, or missing", "a tensor"));
  }

  private static Tensor constantOfShape(Call c) {
    long[] sizes = c.longs(0);
    Limits.checked(c.name(), sizes);
    Tensor value = c.node().tensor("value").orElseGet(() -> Torch.zeros(1));
    return value.reshape().expand(sizes).contiguous();
  }

  private static Tensor range(Call c) {
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

  private static Tensor eyeLike(Call c) {
    Tensor x = c.in(0);
    if (x.dim() != 2) {
      throw c.bad("input", x.shape(), "two axes");
    }
    Tensor row = Torch.arange(x.size(0)).unsqueeze(1);
    Tensor one = Torch.arange(x.size(1)).sub(row).eq(c.node().i("k", 0));
    return UnaryOperators.cast(one, c.node().dtype("dtype", x.dtype()));
  }

  /** The ratio is an attribute below operator set 12, an input from then on. */
  private static Tensor[] dropout(Call c) {
    Tensor x = c.in(0);
    double ratio = c.optionalScalar(1).orElse(c.node().f("ratio", 0.5));
    boolean drop = c.training() && ratio > 0;
    if (c.node().outputs().size() < 2) {
      return new Tensor[] {F.dropout(x, ratio, drop)};
    }
    Tensor kept = F.dropout(x.detach().onesLike(), ratio, drop);
    Tensor mask = c.opset() < 10 ? kept.ne(0).to(x.dtype()) : kept.ne(0);
    return new Tensor[] {drop ? x.mul(kept) : x, mask};
  }
}
