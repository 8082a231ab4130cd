package dev.flambeau.torch.op;

import static dev.flambeau.torch.op.expr.Expr.in;
import static dev.flambeau.torch.op.expr.Expr.of;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Prim;
import dev.flambeau.torch.op.expr.Simplify;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * An operator that computes each output element from the input elements at the same (broadcast)
 * place. {@code outputs} says what; {@code gradients[i]}, where not null, overrides the derived
 * expression for the gradient by input i, in which {@code In(arity + k)} is the gradient by output
 * k.
 */
public record Pointwise(
    String name, int arity, List<Expr> outputs, Types types, Gradients gradients) implements Op {

  public static final Pointwise ADD = binary("add", Expr::add);
  public static final Pointwise SUB = binary("sub", Expr::sub).as(Types.NUMBERS);
  public static final Pointwise MUL = binary("mul", Expr::mul);
  public static final Pointwise DIV = binary("div", Expr::div).as(Types.FLOAT);
  public static final Pointwise FLOOR_DIVIDE = binary("floor_divide", Prim.FLOOR_DIV);

  /** The quotient towards 0; unlike {@link #FLOOR_DIVIDE}, with gradients, which are 0. */
  public static final Pointwise DIV_TRUNC =
      binary("div.trunc", (a, b) -> a.div(b).trunc()).withGradients(_ -> of(0));

  /** The quotient towards minus infinity; unlike {@link #FLOOR_DIVIDE}, with gradients of 0. */
  public static final Pointwise DIV_FLOOR =
      binary("div.floor", Prim.FLOOR_DIV).withGradients(_ -> of(0));

  public static final Pointwise REMAINDER = binary("remainder", Prim.REMAINDER);
  public static final Pointwise FMOD = binary("fmod", Prim.FMOD);
  public static final Pointwise POW = binary("pow", Expr::pow);
  public static final Pointwise MINIMUM = binary("minimum", Expr::min);
  public static final Pointwise MAXIMUM = binary("maximum", Expr::max);
  public static final Pointwise ATAN2 = binary("atan2", Prim.ATAN2).as(Types.FLOAT);
  public static final Pointwise EQ = binary("eq", Expr::eq).as(Types.BOOL);
  public static final Pointwise NE = binary("ne", Expr::ne).as(Types.BOOL);
  public static final Pointwise LT = binary("lt", Expr::lt).as(Types.BOOL);
  public static final Pointwise LE = binary("le", Expr::le).as(Types.BOOL);
  public static final Pointwise GT = binary("gt", Expr::gt).as(Types.BOOL);
  public static final Pointwise GE = binary("ge", Expr::ge).as(Types.BOOL);
  public static final Pointwise LOGICAL_AND = binary("logical_and", Expr::and).as(Types.BOOL);
  public static final Pointwise LOGICAL_OR = binary("logical_or", Expr::or).as(Types.BOOL);
  public static final Pointwise LOGICAL_XOR =
      binary("logical_xor", (a, b) -> a.ne(of(0)).ne(b.ne(of(0)))).as(Types.BOOL);
  public static final Pointwise LOGICAL_NOT = unary("logical_not", Prim.NOT).as(Types.BOOL);

  public static final Pointwise NEG = unary("neg", Expr::neg).as(Types.NUMBERS);
  public static final Pointwise ABS = unary("abs", Expr::abs);
  public static final Pointwise SIGN = unary("sign", Prim.SIGN);
  public static final Pointwise FLOOR = unary("floor", Prim.FLOOR);
  public static final Pointwise CEIL = unary("ceil", Prim.CEIL);
  public static final Pointwise ROUND = unary("round", Prim.ROUND);
  public static final Pointwise TRUNC = unary("trunc", Prim.TRUNC);
  public static final Pointwise ISNAN = unary("isnan", Prim.IS_NAN).as(Types.BOOL);
  public static final Pointwise SQUARE = unary("square", Expr::square);
  public static final Pointwise RECIPROCAL = unary("reciprocal", x -> of(1).div(x)).as(Types.FLOAT);
  public static final Pointwise EXP = unary("exp", Expr::exp).as(Types.FLOAT);
  public static final Pointwise EXPM1 = unary("expm1", Prim.EXPM1).as(Types.FLOAT);
  public static final Pointwise LOG = unary("log", Expr::log).as(Types.FLOAT);
  public static final Pointwise LOG1P = unary("log1p", Prim.LOG1P).as(Types.FLOAT);
  public static final Pointwise SQRT = unary("sqrt", Expr::sqrt).as(Types.FLOAT);
  public static final Pointwise RSQRT = unary("rsqrt", x -> of(1).div(x.sqrt())).as(Types.FLOAT);
  public static final Pointwise SIN = unary("sin", Prim.SIN).as(Types.FLOAT);
  public static final Pointwise COS = unary("cos", Prim.COS).as(Types.FLOAT);
  public static final Pointwise TAN = unary("tan", Prim.TAN).as(Types.FLOAT);
  public static final Pointwise ASIN = unary("asin", Prim.ASIN).as(Types.FLOAT);
  public static final Pointwise ACOS = unary("acos", Prim.ACOS).as(Types.FLOAT);
  public static final Pointwise ATAN = unary("atan", Prim.ATAN).as(Types.FLOAT);
  public static final Pointwise SINH = unary("sinh", Prim.SINH).as(Types.FLOAT);
  public static final Pointwise COSH = unary("cosh", Prim.COSH).as(Types.FLOAT);
  public static final Pointwise TANH = unary("tanh", Expr::tanh).as(Types.FLOAT);
  public static final Pointwise SIGMOID = unary("sigmoid", Expr::sigmoid).as(Types.FLOAT);
  public static final Pointwise ERF = unary("erf", Expr::erf).as(Types.FLOAT);

  /** The gradient at 0 is 0. */
  public static final Pointwise RELU =
      unary("relu", x -> x.max(of(0))).withGradient((g, x, y) -> y.le(of(0)).where(of(0), g));

  /**
   * x Phi(x), Phi(x) = (1 + erf(x / sqrt 2)) / 2: Gaussian error linear unit (Hendrycks and Gimpel
   * 2016).
   */
  public static final Pointwise GELU = unary("nn.functional.gelu", x -> x.mul(x.apply(Prim.PHI)));

  /** GELU with tanh in the place of erf: PyTorch's {@code approximate="tanh"}. */
  public static final Pointwise GELU_TANH =
      unary(
          "nn.functional.gelu.tanh",
          x ->
              x.mul(0.5)
                  .mul(
                      x.add(x.mul(x).mul(x).mul(0.044715))
                          .mul(Math.sqrt(2 / Math.PI))
                          .tanh()
                          .add(1)));

  /** x sigmoid(x): sigmoid linear unit, swish. */
  public static final Pointwise SILU = unary("nn.functional.silu", x -> x.mul(x.sigmoid()));

  /** x sigmoid(1.702 x): the approximation of GELU in CLIP (Hendrycks and Gimpel 2016). */
  public static final Pointwise QUICK_GELU =
      unary("quick_gelu", x -> x.mul(x.mul(1.702).sigmoid()));

  /** min(max(x, 0), 6). */
  public static final Pointwise RELU6 = clamp("nn.functional.relu6", 0, 6);

  /** relu6(x + 3) / 6: piecewise linear sigmoid (MobileNetV3, Howard et al. 2019). */
  public static final Pointwise HARDSIGMOID =
      unary("nn.functional.hardsigmoid", x -> x.add(3).max(of(0)).min(of(6)).div(6))
          .withGradient((g, x, y) -> inside(x, -3, 3).where(g.div(6), of(0)));

  /** x relu6(x + 3) / 6 (Howard et al. 2019). */
  public static final Pointwise HARDSWISH =
      unary("nn.functional.hardswish", x -> x.mul(x.add(3).max(of(0)).min(of(6))).div(6))
          .withGradient(
              (g, x, y) ->
                  x.lt(of(-3)).where(of(0), x.le(of(3)).where(g.mul(x.div(3).add(0.5)), g)));

  /** log(1 + exp x), without overflow. */
  public static final Pointwise SOFTPLUS =
      unary("nn.functional.softplus", x -> x.gt(of(20)).where(x, x.exp().apply(Prim.LOG1P)))
          .withGradient((g, x, y) -> g.mul(x.sigmoid()));

  /** Input 1; in place, an assignment, through which what was there before gets gradient 0. */
  public static final Pointwise SECOND =
      new Pointwise("copy", 2, List.of(in(1)), Types.SAME, i -> i == 0 ? of(0) : null);

  /** Input 1 where input 0 is not 0, else input 2. */
  public static final Pointwise WHERE =
      new Pointwise("where", 3, List.of(in(0).where(in(1), in(2))), Types.SAME, null);

  /** How gradients are found: an expression per input, or null to derive it. */
  @FunctionalInterface
  public interface Gradients {
    /** The gradient by {@code input}; null: derive it. */
    Expr by(int input);
  }

  /** The gradient of a unary operator in terms of the output's gradient, input and output. */
  @FunctionalInterface
  interface UnaryGradient {
    Expr of(Expr gradient, Expr x, Expr y);
  }

  public static Pointwise unary(String name, UnaryOperator<Expr> body) {
    return new Pointwise(name, 1, List.of(body.apply(in(0))), Types.SAME, null);
  }

  private static Pointwise unary(String name, Prim prim) {
    return unary(name, x -> x.apply(prim));
  }

  public static Pointwise binary(String name, BinaryOperator<Expr> body) {
    return new Pointwise(name, 2, List.of(body.apply(in(0), in(1))), Types.SAME, null);
  }

  static Pointwise binary(String name, Prim prim) {
    return binary(name, (a, b) -> a.apply(prim, b));
  }

  private static Expr inside(Expr x, double low, double high) {
    return x.gt(of(low)).and(x.lt(of(high)));
  }

  /**
   * min(max(x, low), high); the gradient passes at the bounds, as in PyTorch's hardtanh's inside.
   */
  public static Pointwise clamp(String name, double low, double high) {
    return unary(name, x -> x.max(of(low)).min(of(high)))
        .withGradient((g, x, y) -> inside(x, low, high).where(g, of(0)));
  }

  /** To decimals, half to even. */
  public static Pointwise round(int decimals) {
    double scale = Math.pow(10, Math.abs(decimals));
    return unary(
        "round",
        x ->
            decimals < 0
                ? x.div(scale).apply(Prim.ROUND).mul(scale)
                : x.mul(scale).apply(Prim.ROUND).div(scale));
  }

  /** x where positive, else slope * x; PyTorch: {@code leaky_relu}. */
  public static Pointwise leakyRelu(double slope) {
    return unary("nn.functional.leaky_relu", x -> x.gt(of(0)).where(x, x.mul(slope)));
  }

  public Pointwise as(Types other) {
    return new Pointwise(name, arity, outputs, other, gradients);
  }

  Pointwise withGradients(Gradients overrides) {
    return new Pointwise(name, arity, outputs, types, overrides);
  }

  Pointwise withGradient(UnaryGradient gradient) {
    Expr e = gradient.of(in(1), in(0), new Expr.Out(0));
    return new Pointwise(name, arity, outputs, types, _ -> e);
  }

  /** The type in which the expression is evaluated: F32, F64 or I64. */
  public DType computeType(Meta[] inputs) {
    return types.arguments(Types.promote(inputs)).compute();
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    if (inputs.length != arity) {
      throw TorchException.argument(name, "inputs", inputs.length, arity + " tensors");
    }
    Shape shape = inputs[0].shape();
    for (int i = 1; i < arity; i++) {
      shape = shape.broadcast(inputs[i].shape(), name);
    }
    DType promoted = Types.promote(inputs);
    types.check(name, promoted);
    if (types != Types.FLOAT
        && !promoted.isFloat()
        && !outputs.stream().allMatch(Simplify::onIntegers)) {
      throw TorchException.type(name, "input", promoted, "a floating point type");
    }
    Meta out = new Meta(types.result(promoted), inputs[0].device(), layout(inputs, shape));
    Meta[] metas = new Meta[outputs.size()];
    Arrays.fill(metas, out);
    return metas;
  }

  /** The first full-sized dense input decides the order of axes. */
  static Layout layout(Meta[] inputs, Shape shape) {
    for (Meta meta : inputs) {
      if (meta.shape().equals(shape) && meta.layout().isDense()) {
        return meta.layout().sameOrder(shape);
      }
    }
    return Layout.contiguous(shape);
  }

  /** Whether the gradient by every input is known. */
  public boolean differentiable() {
    return !GradientRules.of(this).rules().contains(GradientRules.UNKNOWN);
  }

  @Override
  public Saves saves() {
    return GradientRules.of(this).saves();
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor[] out = new Tensor[arity];
    for (int i = 0; i < arity; i++) {
      if (saved.needs(i)) {
        out[i] = GradientRules.of(this).gradient(i, saved, gradients);
      }
    }
    return out;
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || other instanceof Pointwise p
            && name.equals(p.name)
            && arity == p.arity
            && types == p.types
            && outputs.equals(p.outputs);
  }
}
