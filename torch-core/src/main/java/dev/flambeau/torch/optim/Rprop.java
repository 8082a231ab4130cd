package dev.flambeau.torch.optim;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.expr.Expr;
import java.util.List;
import java.util.function.Consumer;

/**
 * Steps by the sign of the gradient only, which grow while it stays and shrink when it changes
 * (Riedmiller and Braun 1993). For full batches. PyTorch: {@code torch.optim.Rprop}.
 */
public final class Rprop extends FusedOptimizer<Rprop.Options> {
  /** Learning rate, which is the first step, 0.01, factors 0.5 and 1.2, steps 1e-6 to 50. */
  public static final class Options extends GroupOptions<Options> {
    Options() {
      super(1e-2);
      define(
          "etas",
          Range.pair(0.5, 1.2),
          Range.reals(
              2,
              "two numbers, the first above 0 and below 1, the second above 1",
              l -> !l.contains(null) && l.get(0) > 0 && l.get(0) < 1 && l.get(1) > 1));
      define(
          "step_sizes",
          Range.pair(1e-6, 50.0),
          Range.reals(2, "two numbers", l -> !l.contains(null)));
      define("maximize", false);
      foreign("foreach", null);
      foreign("differentiable", false);
      foreign("capturable", false);
    }

    /** The factors for a smaller step, below 1, and a larger one, above 1. */
    public Options etas(double smaller, double larger) {
      return set("etas", Range.pair(smaller, larger));
    }

    /** The smallest and the largest step. */
    public Options stepSizes(double least, double most) {
      return set("step_sizes", Range.pair(least, most));
    }

    /** Climbs instead of descending. */
    public Options maximize(boolean on) {
      return set("maximize", on);
    }
  }

  public Rprop(List<Tensor> parameters, Consumer<Options> options) {
    super(Options::new, options, parameters);
  }

  @Override
  double initial(String buffer, Options o) {
    return buffer.equals("step_size") ? o.lr() : 0;
  }

  @Override
  Rule<Options> rule(Options o) {
    Rule<Options> r = new Rule<>("Rprop", List.of("prev", "step_size"));
    Expr g = r.gradient(o);
    Expr smaller = r.number((x, _) -> x.number("etas", 0));
    Expr larger = r.number((x, _) -> x.number("etas", 1));
    Expr least = r.number((x, _) -> x.number("step_sizes", 0));
    Expr most = r.number((x, _) -> x.number("step_sizes", 1));
    Expr zero = Expr.of(0);
    Expr agreement = g.mul(r.buffer("prev"));
    Expr turned = agreement.lt(zero);
    Expr factor = turned.where(smaller, agreement.gt(zero).where(larger, Expr.of(1)));
    Expr size = r.remember("step_size", r.buffer("step_size").mul(factor).max(least).min(most));
    // After a turn the gradient does not count, neither now nor for the next comparison.
    Expr direction = r.remember("prev", turned.where(zero, g));
    return r.becomes(r.parameter().sub(direction.sign().mul(size)));
  }
}
