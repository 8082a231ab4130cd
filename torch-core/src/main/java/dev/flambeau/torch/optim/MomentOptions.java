package dev.flambeau.torch.optim;

import dev.flambeau.torch.op.expr.Expr;

/** Options of the optimizers that keep running means of the gradient and its square. */
public abstract class MomentOptions<O extends MomentOptions<O>> extends DecayOptions<O> {
  MomentOptions(double lr, double weightDecay) {
    super(lr, weightDecay);
    define("betas", Range.pair(0.9, 0.999), Range.BETAS);
    define("eps", 1e-8, Range.NOT_NEGATIVE);
  }

  /** The parts of the two running means that are kept at each step, in [0, 1). */
  public final O betas(double first, double second) {
    return set("betas", Range.pair(first, second));
  }

  /** Added to what is divided by, 0 or more. */
  public final O epsilon(double value) {
    return set("eps", value);
  }

  final double beta1() {
    return number("betas", 0);
  }

  final double beta2() {
    return number("betas", 1);
  }

  /** What the first mean, which starts at 0, lacks. */
  final double correction1(ParameterState state) {
    return 1 - Math.pow(beta1(), state.steps);
  }

  /** What the second mean lacks. */
  final double correction2(ParameterState state) {
    return 1 - Math.pow(beta2(), state.steps);
  }

  /** "exp_avg" from now on. */
  static <O extends MomentOptions<O>> Expr mean(Rule<O> r, Expr gradient) {
    return r.mean("exp_avg", gradient, (o, _) -> o.beta1());
  }

  /** "exp_avg_sq" from now on. */
  static <O extends MomentOptions<O>> Expr meanSquare(Rule<O> r, Expr gradient) {
    return r.mean("exp_avg_sq", gradient.square(), (o, _) -> o.beta2());
  }
}
