package dev.flambeau.torch.nn.functional;

import static dev.flambeau.torch.op.expr.Expr.in;
import static dev.flambeau.torch.op.expr.Expr.of;

import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Types;
import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Prim;
import java.util.List;

/** Losses of single elements as pointwise operators: input 0 is the prediction, 1 the target. */
final class ElementLosses {
  private static final String PREFIX = "nn.functional.";

  static final Pointwise SQUARE =
      Pointwise.binary(PREFIX + "mse_loss", (x, t) -> x.sub(t).square());
  static final Pointwise ABSOLUTE = Pointwise.binary(PREFIX + "l1_loss", (x, t) -> x.sub(t).abs());

  /** -(t log x + (1 - t) log(1 - x)) with logarithms of at least -100. */
  static final Pointwise BINARY = binaryCrossEntropy();

  /** Binary cross entropy of sigmoid(x), computed as (1 - t) x + softplus(-x). */
  static final Pointwise BINARY_LOGITS = logits();

  /** The same with input 2, the weight of the positive class. */
  static final Pointwise BINARY_LOGITS_WEIGHTED = weightedLogits();

  /** t (log t - x), 0 where t is 0. */
  static final Pointwise DIVERGENCE =
      Pointwise.binary(
          PREFIX + "kl_div",
          (x, t) -> t.gt(of(0)).where(t.mul(positive(t).log()), of(0)).sub(t.mul(x)));

  /** exp(t) (t - x): the target is a logarithm, too. */
  static final Pointwise LOG_DIVERGENCE =
      Pointwise.binary(PREFIX + "kl_div.log_target", (x, t) -> t.exp().mul(t.sub(x)));

  private ElementLosses() {}

  /** (x - t)^2 / (2 beta) within beta, |x - t| - beta / 2 beyond. */
  static Pointwise smoothL1(double beta) {
    return Pointwise.binary(
        PREFIX + "smooth_l1_loss",
        (x, t) -> {
          Expr d = x.sub(t).abs();
          return d.lt(of(beta)).where(d.square().mul(0.5 / beta), d.sub(0.5 * beta));
        });
  }

  /** (x - t)^2 / 2 within delta, delta (|x - t| - delta / 2) beyond. */
  static Pointwise huber(double delta) {
    return Pointwise.binary(
        PREFIX + "huber_loss",
        (x, t) -> {
          Expr d = x.sub(t).abs();
          return d.lt(of(delta)).where(d.square().mul(0.5), d.sub(0.5 * delta).mul(delta));
        });
  }

  /** 1 in the place of what has no logarithm. */
  private static Expr positive(Expr t) {
    return t.gt(of(0)).where(t, of(1));
  }

  private static Pointwise binaryCrossEntropy() {
    Expr x = in(0);
    Expr t = in(1);
    Expr yes = x.log().max(of(-100));
    Expr no = of(1).sub(x).log().max(of(-100));
    Expr loss = t.mul(yes).add(of(1).sub(t).mul(no)).neg();
    Expr slope = x.sub(t).div(x.mul(of(1).sub(x)).max(of(1e-12)));
    Expr byTarget = in(2).mul(no.sub(yes));
    return new Pointwise(
        PREFIX + "binary_cross_entropy",
        2,
        List.of(loss),
        Types.SAME,
        input -> input == 0 ? in(2).mul(slope) : byTarget);
  }

  /** log(1 + exp(-x)) without overflow. */
  private static Expr softplusOfNegative(Expr x) {
    return x.neg().max(of(0)).add(x.abs().neg().exp().apply(Prim.LOG1P));
  }

  private static Pointwise logits() {
    Expr x = in(0);
    Expr t = in(1);
    Expr loss = of(1).sub(t).mul(x).add(softplusOfNegative(x));
    return new Pointwise(
        PREFIX + "binary_cross_entropy_with_logits",
        2,
        List.of(loss),
        Types.SAME,
        input -> in(2).mul(input == 0 ? x.sigmoid().sub(t) : x.neg()));
  }

  private static Pointwise weightedLogits() {
    Expr x = in(0);
    Expr t = in(1);
    Expr factor = in(2).sub(1).mul(t).add(1);
    Expr soft = softplusOfNegative(x);
    Expr loss = of(1).sub(t).mul(x).add(factor.mul(soft));
    Expr byInput = of(1).sub(t).sub(factor.mul(of(1).sub(x.sigmoid())));
    Expr byTarget = in(2).sub(1).mul(soft).sub(x);
    Expr byWeight = t.mul(soft);
    List<Expr> slopes = List.of(byInput, byTarget, byWeight);
    return new Pointwise(
        PREFIX + "binary_cross_entropy_with_logits.weighted",
        3,
        List.of(loss),
        Types.SAME,
        input -> in(3).mul(slopes.get(input)));
  }
}
