package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.Arrays;

/** Operators of several tensors, element by element with broadcasting. */
final class BinaryOperators {
  private BinaryOperators() {}

  static void register(Registry r) {
    r.binary("Add", Tensor::add);
    r.binary("Sub", Tensor::sub);
    r.binary("Mul", Tensor::mul);
    r.binary("Div", BinaryOperators::divide);
    r.binary("Pow", BinaryOperators::power);
    r.map("Mod", since(10), c -> modulo(c));
    r.binary("And", Tensor::logicalAnd);
    r.binary("Or", Tensor::logicalOr);
    r.binary("Xor", Tensor::logicalXor);
    r.plain("Equal", c -> c.in(0).eq(c.second()));
    r.binary("Greater", Tensor::gt);
    r.binary("GreaterOrEqual", since(12), Tensor::ge);
    r.binary("Less", Tensor::lt);
    r.binary("LessOrEqual", since(12), Tensor::le);
    r.map("PRelu", BinaryOperators::prelu);
    r.values("Where", since(9), c -> c.like(1, Torch.where(c.in(0), c.in(1), c.in(2))));
    r.variadic("Max", Tensor::maximum);
    r.variadic("Min", Tensor::minimum);
    r.variadic("Sum", Tensor::add);
    r.map("Mean", BinaryOperators::mean);
  }

  /** Below operator set 7 a slope vector counts along the channels. */
  private static Tensor prelu(Call c) {
    Tensor x = c.in(0);
    Tensor slope = c.in(1);
    if (c.opset() < 7 && slope.dim() == 1 && slope.numel() > 1) {
      long[] sizes = new long[x.dim() - 1];
      Arrays.fill(sizes, 1);
      sizes[0] = slope.numel();
      slope = slope.reshape(sizes);
    }
    return Torch.where(x.lt(0), x.mul(slope), x);
  }

  /** Integers truncate toward zero. */
  private static Tensor divide(Tensor a, Tensor b) {
    return a.dtype().isFloat() ? a.div(b) : a.sub(a.fmod(b)).floorDivide(b);
  }

  private static Tensor modulo(Call c) {
    boolean truncated = c.node().i("fmod", 0) != 0;
    return truncated ? c.in(0).fmod(c.in(1)) : c.in(0).remainder(c.in(1));
  }

  /** The result has the base's type; the usual constant exponents need no logarithm. */
  private static Tensor power(Tensor base, Tensor exponent) {
    if (exponent.numel() == 1 && exponent.dim() <= base.dim() && base.dtype().isFloat()) {
      double e = exponent.detach().item();
      if (e == 2) {
        return base.square();
      }
      if (e == 0.5) {
        return base.sqrt();
      }
    }
    return base.pow(exponent).to(base.dtype());
  }

  private static Tensor mean(Call c) {
    Tensor sum = c.in(0);
    for (int i = 1; i < c.count(); i++) {
      sum = sum.add(c.in(i));
    }
    return c.count() == 1 ? sum : sum.div(c.count());
  }
}
