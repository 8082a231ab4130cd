package dev.flambeau.torch.nn.functional;

import static dev.flambeau.torch.op.expr.Expr.of;

import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Types;
import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Prim;

/** The pointwise operators of activation functions that are not methods of a tensor. */
public final class Activations {
  private static final String PREFIX = "nn.functional.";
  private static final double SELU_ALPHA = 1.6732632423543772848170429916717;
  private static final double SELU_SCALE = 1.0507009873554804934193349852946;

  /** x tanh(log(1 + exp x)) (Misra 2019). */
  public static final Pointwise MISH =
      Pointwise.unary(PREFIX + "mish", x -> x.mul(softplus(x, 1, 20).tanh()));

  /** x / (1 + |x|). */
  public static final Pointwise SOFTSIGN =
      Pointwise.unary(PREFIX + "softsign", x -> x.div(x.abs().add(1))).as(Types.FLOAT);

  /** x - tanh(x). */
  public static final Pointwise TANHSHRINK =
      Pointwise.unary(PREFIX + "tanhshrink", x -> x.sub(x.tanh())).as(Types.FLOAT);

  /** min(x, 0) - log(1 + exp(-|x|)). */
  public static final Pointwise LOG_SIGMOID =
      Pointwise.unary(
          PREFIX + "logsigmoid", x -> x.min(of(0)).sub(x.abs().neg().exp().apply(Prim.LOG1P)));

  /** Scaled {@link #elu} with mean 0 and variance 1 as fixed point (Klambauer et al. 2017). */
  public static final Pointwise SELU =
      Pointwise.unary(PREFIX + "selu", x -> elu(x, SELU_ALPHA, 1).mul(SELU_SCALE));

  /** x where positive, else input 1 times x. */
  public static final Pointwise PRELU =
      Pointwise.binary(PREFIX + "prelu", (x, w) -> x.gt(of(0)).where(x, x.mul(w)));

  private Activations() {}

  /** x where positive, else alpha (exp(x) - 1). */
  public static Pointwise elu(double alpha) {
    return Pointwise.unary(PREFIX + "elu", x -> elu(x, alpha, 1));
  }

  /** x where positive, else alpha (exp(x / alpha) - 1). */
  public static Pointwise celu(double alpha) {
    return Pointwise.unary(PREFIX + "celu", x -> elu(x, alpha, 1 / alpha));
  }

  private static Expr elu(Expr x, double alpha, double inner) {
    return x.gt(of(0)).where(x, x.mul(inner).apply(Prim.EXPM1).mul(alpha));
  }

  /** log(1 + exp(beta x)) / beta, and x where beta x exceeds the threshold. */
  public static Pointwise softplus(double beta, double threshold) {
    return Pointwise.unary(PREFIX + "softplus", x -> softplus(x, beta, threshold));
  }

  private static Expr softplus(Expr x, double beta, double threshold) {
    Expr scaled = x.mul(beta);
    // The argument of exp is bounded so that the branch not taken cannot overflow.
    Expr soft = scaled.min(of(threshold)).exp().apply(Prim.LOG1P).div(beta);
    return scaled.gt(of(threshold)).where(x, soft);
  }

  /** x where |x| exceeds lambda, else 0. */
  public static Pointwise hardshrink(double lambda) {
    return Pointwise.unary(PREFIX + "hardshrink", x -> x.abs().le(of(lambda)).where(of(0), x));
  }

  /** x - lambda above lambda, x + lambda below -lambda, else 0. */
  public static Pointwise softshrink(double lambda) {
    return Pointwise.unary(
        PREFIX + "softshrink",
        x -> x.gt(of(lambda)).where(x.sub(lambda), x.lt(of(-lambda)).where(x.add(lambda), of(0))));
  }

  /** x where it exceeds the threshold, else {@code value}. */
  public static Pointwise threshold(double threshold, double value) {
    return Pointwise.unary(PREFIX + "threshold", x -> x.le(of(threshold)).where(of(value), x));
  }
}
