package dev.flambeau.torch.optim;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.expr.Expr;
import java.util.List;
import java.util.function.Consumer;

/**
 * Steps as large as the last ones were, for the gradient they came from (Zeiler 2012). PyTorch:
 * {@code torch.optim.Adadelta}.
 */
public final class Adadelta extends FusedOptimizer<Adadelta.Options> {
  /** Learning rate 1, rho 0.9, epsilon 1e-6, weight decay 0. */
  public static final class Options extends DecayOptions<Options> {
    Options() {
      super(1, 0);
      define("rho", 0.9, Range.real("0 to 1", v -> v >= 0 && v <= 1));
      define("eps", 1e-6, Range.NOT_NEGATIVE);
      foreign("foreach", null);
      foreign("capturable", false);
      foreign("differentiable", false);
    }

    /** The part of the running means that is kept at each step, 0 to 1. */
    public Options rho(double value) {
      return set("rho", value);
    }

    /** Added to both means, 0 or more. */
    public Options epsilon(double value) {
      return set("eps", value);
    }
  }

  public Adadelta(List<Tensor> parameters, Consumer<Options> options) {
    super(Options::new, options, parameters);
  }

  @Override
  Rule<Options> rule(Options o) {
    Rule<Options> r = new Rule<>("Adadelta", List.of("square_avg", "acc_delta"));
    Expr g = r.decayed(o);
    Expr eps = r.option("eps");
    Expr square = r.mean("square_avg", g.square(), (x, _) -> x.number("rho"));
    Expr delta = r.buffer("acc_delta").add(eps).sqrt().div(square.add(eps).sqrt()).mul(g);
    r.mean("acc_delta", delta.square(), (x, _) -> x.number("rho"));
    return r.becomes(r.parameter().sub(delta.mul(r.option("lr"))));
  }
}
