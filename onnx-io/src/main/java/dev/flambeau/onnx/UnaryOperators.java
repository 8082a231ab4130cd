package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.Activations;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.expr.Expr;

/** Operators of one tensor, element by element. */
final class UnaryOperators {
  private UnaryOperators() {}

  static void register(Registry r) {
    r.unary("Abs", Tensor::abs);
    r.unary("Acos", Tensor::acos);
    r.unary("Asin", Tensor::asin);
    r.unary("Acosh", since(9), Tensor::acosh);
    r.unary("Asinh", since(9), Tensor::asinh);
    r.unary("Atan", Tensor::atan);
    r.unary("Atanh", since(9), Tensor::atanh);
    r.unary("Ceil", Tensor::ceil);
    r.unary("Cos", Tensor::cos);
    r.unary("Cosh", since(9), Tensor::cosh);
    r.unary("Erf", since(9), Tensor::erf);
    r.unary("Exp", Tensor::exp);
    r.unary("Floor", Tensor::floor);
    r.unary("HardSwish", since(14), Tensor::hardswish);
    r.values("Identity", c -> new OnnxValue[] {c.value(0)});
    r.unary("IsNaN", since(9), Tensor::isnan);
    r.unary("Log", Tensor::log);
    r.unary("Mish", since(18), x -> x.apply(Activations.MISH));
    r.unary("Neg", Tensor::neg);
    r.unary("Not", Tensor::logicalNot);
    r.unary("Reciprocal", Tensor::reciprocal);
    r.unary("Relu", Tensor::relu);
    r.unary("Round", since(11), Tensor::round);
    r.unary("Sigmoid", Tensor::sigmoid);
    r.unary("Sign", since(9), Tensor::sign);
    r.unary("Sin", Tensor::sin);
    r.unary("Sinh", since(9), Tensor::sinh);
    r.unary("Softplus", x -> x.apply(Pointwise.SOFTPLUS));
    r.unary("Softsign", x -> x.apply(Activations.SOFTSIGN));
    r.unary("Sqrt", Tensor::sqrt);
    r.unary("Tan", Tensor::tan);
    r.unary("Tanh", Tensor::tanh);
    withAttributes(r);
  }

  private static void withAttributes(Registry r) {
    r.map("Celu", since(12), c -> c.in(0).apply(Activations.celu(c.node().f("alpha", 1))));
    r.map("Elu", c -> c.in(0).apply(Activations.elu(c.node().f("alpha", 1))));
    r.map(
        "Gelu",
        since(20),
        c ->
            c.in(0)
                .apply(
                    c.node().s("approximate", "none").equals("tanh")
                        ? Pointwise.GELU_TANH
                        : Pointwise.GELU));
    r.map("HardSigmoid", UnaryOperators::hardSigmoid);
    r.map("LeakyRelu", c -> c.in(0).apply(Pointwise.leakyRelu(c.node().f("alpha", 0.01f))));
    r.map("Selu", UnaryOperators::selu);
    r.map("Shrink", since(9), UnaryOperators::shrink);
    r.map("Swish", since(24), c -> c.in(0).mul(c.in(0).mul(c.node().f("alpha", 1)).sigmoid()));
    r.map(
        "ThresholdedRelu",
        c -> {
          double alpha = c.node().f("alpha", 1);
          return c.in(0).apply(Activations.threshold(alpha, 0));
        });
    r.map("IsInf", since(10), UnaryOperators::isInf);
    r.map("Clip", UnaryOperators::clip);
  }

  private static Tensor hardSigmoid(Call c) {
    double alpha = c.node().f("alpha", 0.2f);
    double beta = c.node().f("beta", 0.5);
    return c.in(0).mul(alpha).add(beta).clamp(0, 1);
  }

  private static Tensor selu(Call c) {
    double alpha = c.node().f("alpha", 1.67326319217681884765625);
    double gamma = c.node().f("gamma", 1.05070102214813232421875);
    return c.in(0).apply(Activations.elu(alpha)).mul(gamma);
  }

  private static Tensor shrink(Call c) {
    double lambda = c.node().f("lambd", 0.5);
    double bias = c.node().f("bias", 0);
    return c.in(0)
        .apply(
            Pointwise.unary(
                "shrink",
                x ->
                    x.lt(Expr.of(-lambda))
                        .where(x.add(bias), x.gt(Expr.of(lambda)).where(x.sub(bias), Expr.of(0)))));
  }

  private static Tensor isInf(Call c) {
    Tensor up = c.in(0).eq(Double.POSITIVE_INFINITY);
    Tensor down = c.in(0).eq(Double.NEGATIVE_INFINITY);
    boolean positive = c.node().i("detect_positive", 1) != 0;
    boolean negative = c.node().i("detect_negative", 1) != 0;
    if (positive && negative) {
      return up.logicalOr(down);
    }
    return positive ? up : negative ? down : up.zerosLike();
  }

  /** Bounds are attributes below operator set 11, inputs from then on. */
  private static Tensor clip(Call c) {
    Tensor x = c.in(0);
    if (c.opset() < 11) {
      double low = c.node().f("min", -Float.MAX_VALUE);
      return x.clamp(low, c.node().f("max", Float.MAX_VALUE));
    }
    if (c.has(1)) {
      x = x.maximum(c.in(1));
    }
    return c.has(2) ? x.minimum(c.in(2)) : x;
  }
}
