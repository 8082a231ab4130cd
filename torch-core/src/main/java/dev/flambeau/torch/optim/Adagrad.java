package dev.flambeau.torch.optim;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.expr.Expr;
import java.util.List;
import java.util.function.Consumer;

/**
 * Steps divided by the root of the sum of all squared gradients (Duchi et al. 2011). PyTorch:
 * {@code torch.optim.Adagrad}.
 */
public final class Adagrad extends FusedOptimizer<Adagrad.Options> {
  /** Learning rate 0.01, its decay 0, weight decay 0, sums start at 0, epsilon 1e-10. */
  public static final class Options extends DecayOptions<Options> {
    Options() {
      super(1e-2, 0);
      define("lr_decay", 0.0, Range.NOT_NEGATIVE);
      define("initial_accumulator_value", 0.0, Range.NOT_NEGATIVE);
      define("eps", 1e-10, Range.NOT_NEGATIVE);
      foreign("foreach", null);
      foreign("differentiable", false);
      foreign("fused", null);
    }

    /** The learning rate is divided by 1 plus this times the steps so far, 0 or more. */
    public Options lrDecay(double value) {
      return set("lr_decay", value);
    }

    /** Where the sums start, 0 or more. */
    public Options initialAccumulatorValue(double value) {
      return set("initial_accumulator_value", value);
    }

    /** Added to what is divided by, 0 or more. */
    public Options epsilon(double value) {
      return set("eps", value);
    }
  }

  public Adagrad(List<Tensor> parameters, Consumer<Options> options) {
    super(Options::new, options, parameters);
  }

  @Override
  double initial(String buffer, Options o) {
    return o.number("initial_accumulator_value");
  }

  @Override
  Rule<Options> rule(Options o) {
    Rule<Options> r = new Rule<>("Adagrad", List.of("sum"));
    Expr g = r.decayed(o);
    Expr sum = r.remember("sum", r.buffer("sum").add(g.square()));
    Expr rate = r.number((x, s) -> x.lr() / (1 + (s.steps - 1) * x.number("lr_decay")));
    return r.becomes(r.parameter().sub(g.mul(rate).div(sum.sqrt().add(r.option("eps")))));
  }
}
