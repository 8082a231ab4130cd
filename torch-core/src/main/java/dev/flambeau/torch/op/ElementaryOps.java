package dev.flambeau.torch.op;

import static dev.flambeau.torch.op.Pointwise.binary;
import static dev.flambeau.torch.op.Pointwise.unary;
import static dev.flambeau.torch.op.expr.Expr.in;
import static dev.flambeau.torch.op.expr.Expr.of;

import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Prim;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * More pointwise operators: exponentials, hyperbolics, tests, bits, and those of three operands.
 */
public final class ElementaryOps {
  public static final Pointwise EXP2 = real("exp2", Prim.EXP2);
  public static final Pointwise LOG2 = real("log2", Prim.LOG2);
  public static final Pointwise LOG10 = real("log10", Prim.LOG10);
  public static final Pointwise ASINH = real("asinh", Prim.ASINH);
  public static final Pointwise ACOSH = real("acosh", Prim.ACOSH);
  public static final Pointwise ATANH = real("atanh", Prim.ATANH);
  public static final Pointwise DEG2RAD =
      unary("deg2rad", x -> x.mul(Math.PI / 180)).as(Types.FLOAT);
  public static final Pointwise RAD2DEG =
      unary("rad2deg", x -> x.mul(180 / Math.PI)).as(Types.FLOAT);

  /** x - trunc(x). */
  public static final Pointwise FRAC = unary("frac", x -> x.sub(x.trunc()));

  /** The sign; PyTorch: {@code sgn}, which on real numbers is {@code sign}. */
  public static final Pointwise SGN = unary("sgn", Expr::sign);

  /** sin(pi x) / (pi x), and 1 at 0. */
  public static final Pointwise SINC =
      unary("sinc", x -> x.eq(of(0)).where(of(1), x.mul(Math.PI).sin().div(x.mul(Math.PI))))
          .as(Types.FLOAT)
          .withGradient(
              (g, x, y) -> x.eq(of(0)).where(of(0), g.mul(x.mul(Math.PI).cos().sub(y).div(x))));

  /** pi for negative numbers, else 0. */
  public static final Pointwise ANGLE =
      unary("angle", x -> nan(x).where(x, x.lt(of(0)).where(of(Math.PI), of(0))))
          .as(Types.FLOAT)
          .withGradients(_ -> of(0));

  public static final Pointwise ISREAL = test("isreal", x -> x.apply(Prim.NOT).ge(of(0)));

  /** The input itself; not for bool. */
  public static final Pointwise POSITIVE = unary("positive", x -> x).as(Types.NUMBERS);

  public static final Pointwise ISINF = test("isinf", ElementaryOps::infinite);
  public static final Pointwise ISPOSINF = test("isposinf", x -> infinite(x).and(x.gt(of(0))));
  public static final Pointwise ISNEGINF = test("isneginf", x -> infinite(x).and(x.lt(of(0))));
  public static final Pointwise ISFINITE = test("isfinite", x -> x.sub(x).eq(of(0)));
  public static final Pointwise SIGNBIT = test("signbit", x -> x.apply(Prim.SIGNBIT));

  /** sqrt(a^2 + b^2) without overflow. */
  public static final Pointwise HYPOT = binary("hypot", Prim.HYPOT).as(Types.FLOAT);

  public static final Pointwise COPYSIGN =
      binary("copysign", Prim.COPYSIGN)
          .as(Types.FLOAT)
          .withGradients(
              by(in(0).eq(of(0)).where(of(0), in(2).mul(new Expr.Out(0).div(in(0)))), of(0)));
  public static final Pointwise NEXTAFTER = binary("nextafter", Prim.NEXTAFTER).as(Types.FLOAT);

  /** The larger number; NaN only if both are. */
  public static final Pointwise FMAX = extreme("fmax", (a, b) -> b.le(a));

  /** The smaller number; NaN only if both are. */
  public static final Pointwise FMIN = extreme("fmin", (a, b) -> a.le(b));

  /** log(exp a + exp b) without overflow. */
  public static final Pointwise LOGADDEXP = logAdd("logaddexp", Prim.EXP, x -> x.apply(Prim.LOG1P));

  /** log2(2^a + 2^b) without overflow. */
  public static final Pointwise LOGADDEXP2 =
      logAdd("logaddexp2", Prim.EXP2, x -> x.apply(Prim.LOG1P).mul(1 / Math.log(2)));

  /** a log b, and 0 where a is 0 and b a number. */
  public static final Pointwise XLOGY = times("xlogy", Expr::log, b -> b);

  /** a 2^b. */
  public static final Pointwise LDEXP =
      binary("ldexp", (a, b) -> a.mul(b.apply(Prim.EXP2))).as(Types.FLOAT);

  /** 0 below 0, 1 above it, b at it. */
  public static final Pointwise HEAVISIDE =
      binary("heaviside", (a, b) -> a.eq(of(0)).where(b, a.gt(of(0))));

  public static final Pointwise GCD = binary("gcd", Prim.GCD).as(Types.INTEGERS);
  public static final Pointwise LCM = binary("lcm", Prim.LCM).as(Types.INTEGERS);
  public static final Pointwise BITWISE_AND = binary("bitwise_and", Prim.BIT_AND).as(Types.BITS);
  public static final Pointwise BITWISE_OR = binary("bitwise_or", Prim.BIT_OR).as(Types.BITS);
  public static final Pointwise BITWISE_XOR = binary("bitwise_xor", Prim.BIT_XOR).as(Types.BITS);
  public static final Pointwise BITWISE_NOT =
      unary("bitwise_not", x -> x.apply(Prim.BIT_XOR, of(-1))).as(Types.INTEGERS);
  public static final Pointwise LEFT_SHIFT =
      binary("bitwise_left_shift", Prim.SHIFT_LEFT).as(Types.INTEGERS);

  /** With the sign bit shifted in. */
  public static final Pointwise RIGHT_SHIFT =
      binary("bitwise_right_shift", Prim.SHIFT_RIGHT).as(Types.INTEGERS);

  /** max(x, low); at equality the gradient is x's alone. */
  public static final Pointwise CLAMP_MIN =
      binary("clamp_min", Expr::max)
          .withGradients(
              by(in(1).le(in(0)).where(in(2), of(0)), in(0).lt(in(1)).where(in(2), of(0))));

  /** min(x, high); at equality the gradient is x's alone. */
  public static final Pointwise CLAMP_MAX =
      binary("clamp_max", Expr::min)
          .withGradients(
              by(in(0).le(in(1)).where(in(2), of(0)), in(1).lt(in(0)).where(in(2), of(0))));

  /** min(max(x, low), high). */
  public static final Pointwise CLAMP =
      ternary("clamp", in(0).max(in(1)).min(in(2)))
          .withGradients(
              by(
                  in(1).le(in(0)).and(in(0).le(in(2))).where(in(3), of(0)),
                  in(1).lt(in(2)).and(in(0).lt(in(1))).where(in(3), of(0)),
                  in(2).lt(in(0)).or(in(2).lt(in(1))).where(in(3), of(0))));

  /** a + w (b - a), from the nearer end. */
  public static final Pointwise LERP =
      ternary(
              "lerp",
              in(2)
                  .abs()
                  .lt(of(0.5))
                  .where(
                      in(0).add(in(2).mul(in(1).sub(in(0)))),
                      in(1).sub(in(1).sub(in(0)).mul(of(1).sub(in(2))))))
          .withGradients(
              by(in(3).mul(of(1).sub(in(2))), in(3).mul(in(2)), in(3).mul(in(1).sub(in(0)))));

  /** x + value a b; the value is the fourth input. */
  public static final Pointwise ADDCMUL =
      new Pointwise(
          "addcmul", 4, List.of(in(0).add(in(3).mul(in(1)).mul(in(2)))), Types.SAME, null);

  /** x + value a / b; the value is the fourth input. */
  public static final Pointwise ADDCDIV =
      new Pointwise(
          "addcdiv", 4, List.of(in(0).add(in(3).mul(in(1)).div(in(2)))), Types.FLOAT, null);

  /** x with other numbers in the place of NaN, infinity and minus infinity, inputs 1 to 3. */
  public static final Pointwise NAN_TO_NUM =
      new Pointwise(
          "nan_to_num",
          4,
          List.of(
              nan(in(0))
                  .where(in(1), infinite(in(0)).where(in(0).gt(of(0)).where(in(2), in(3)), in(0)))),
          Types.SAME,
          by(nan(in(0)).or(infinite(in(0))).where(of(0), in(4)), of(0), of(0), of(0)));

  /** The m in [1/2, 1) of x = m 2^e; PyTorch: the first output of {@code frexp}. */
  public static final Pointwise MANTISSA = unary("frexp.mantissa", x -> x.apply(Prim.MANTISSA));

  /** The e of x = m 2^e. */
  public static final Pointwise EXPONENT = unary("frexp.exponent", x -> x.apply(Prim.EXPONENT));

  /** 1 for all but 0, in the input's type: with a gradient, which is 0. */
  public static final Pointwise NORM_COUNT = unary("norm.count", x -> x.ne(of(0)));

  /** The square root of a sum of squares; where that is 0, so is the gradient. */
  public static final Pointwise NORM_ROOT =
      unary("norm.root", Expr::sqrt)
          .as(Types.FLOAT)
          .withGradient((g, x, y) -> y.eq(of(0)).where(of(0), g.div(y).mul(0.5)));

  private ElementaryOps() {}

  /** |x|^p; where x is 0, so is the gradient. */
  public static Pointwise absPower(double p) {
    return unary("norm.power", x -> x.abs().pow(of(p)))
        .as(Types.FLOAT)
        .withGradient(
            (g, x, y) ->
                x.eq(of(0)).where(of(0), g.mul(x.sign()).mul(x.abs().pow(of(p - 1))).mul(p)));
  }

  /** x^(1/p); where x is 0, so is the gradient. */
  public static Pointwise root(double p) {
    return unary("norm.root" + p, x -> x.pow(of(1 / p)))
        .as(Types.FLOAT)
        .withGradient(
            (g, x, y) -> x.eq(of(0)).where(of(0), g.mul(x.pow(of(1 / p - 1))).mul(1 / p)));
  }

  private static Pointwise real(String name, Prim prim) {
    return unary(name, x -> x.apply(prim)).as(Types.FLOAT);
  }

  private static Pointwise test(String name, UnaryOperator<Expr> body) {
    return unary(name, body).as(Types.BOOL);
  }

  private static Pointwise ternary(String name, Expr body) {
    return new Pointwise(name, 3, List.of(body), Types.SAME, null);
  }

  /** Overrides of the gradients by each input. */
  private static Pointwise.Gradients by(Expr... gradients) {
    return i -> gradients[i];
  }

  private static Expr nan(Expr x) {
    return x.apply(Prim.IS_NAN);
  }

  private static Expr infinite(Expr x) {
    return nan(x.sub(x)).and(nan(x).apply(Prim.NOT));
  }

  private static Pointwise extreme(String name, BinaryOperator<Expr> firstWins) {
    Expr first = firstWins.apply(in(0), in(1)).or(nan(in(1)));
    return binary(name, (a, b) -> first.where(a, b))
        .withGradients(by(first.where(in(2), of(0)), first.where(of(0), in(2))));
  }

  private static Pointwise logAdd(String name, Prim exp, UnaryOperator<Expr> log1p) {
    Expr gap = in(0).sub(in(1)).abs().neg();
    Expr same = in(0).eq(in(1)).and(infinite(in(0)));
    return binary(name, (a, b) -> same.where(a, a.max(b).add(log1p.apply(gap.apply(exp)))))
        .as(Types.FLOAT)
        .withGradients(
            by(
                in(2).mul(in(0).sub(new Expr.Out(0)).apply(exp)),
                in(2).mul(in(1).sub(new Expr.Out(0)).apply(exp))));
  }

  /** a log(b) by some logarithm; {@code inner} is what is below in its derivative. */
  static Pointwise times(String name, UnaryOperator<Expr> log, UnaryOperator<Expr> inner) {
    Expr none = in(0).eq(of(0)).and(nan(in(1)).apply(Prim.NOT));
    return binary(name, (a, b) -> none.where(of(0), a.mul(log.apply(b))))
        .as(Types.FLOAT)
        .withGradients(
            by(
                in(0)
                    .eq(of(0))
                    .and(inner.apply(in(1)).le(of(0)))
                    .where(of(0), in(2).mul(log.apply(in(1)))),
                in(2).mul(in(0)).div(inner.apply(in(1)))));
  }
}
