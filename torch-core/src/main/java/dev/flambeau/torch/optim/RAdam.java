package dev.flambeau.torch.optim;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.expr.Expr;
import java.util.List;
import java.util.function.Consumer;

/**
 * Adam that leaves the mean square out until its variance is known well enough (Liu et al. 2020).
 * PyTorch: {@code torch.optim.RAdam}.
 */
public final class RAdam extends FusedOptimizer<RAdam.Options> {
  /** Learning rate 0.001, betas 0.9 and 0.999, epsilon 1e-8, weight decay 0. */
  public static final class Options extends MomentOptions<Options> {
    Options() {
      super(1e-3, 0);
      define("decoupled_weight_decay", false);
      foreign("foreach", null);
      foreign("capturable", false);
      foreign("differentiable", false);
    }

    /** Lets weight decay shrink the parameters themselves. */
    public Options decoupledWeightDecay(boolean on) {
      return set("decoupled_weight_decay", on);
    }

    /** The factor r_t of the paper with the correction of the mean square; 0: not yet. */
    private double rectified(ParameterState s) {
      double most = 2 / (1 - beta2()) - 1;
      double length = most - 2 * s.steps * Math.pow(beta2(), s.steps) / correction2(s);
      if (length <= 5) {
        return 0;
      }
      double variance = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length);
      return Math.sqrt(variance) * Math.sqrt(correction2(s));
    }
  }

  public RAdam(List<Tensor> parameters, Consumer<Options> options) {
    super(Options::new, options, parameters);
  }

  @Override
  Rule<Options> rule(Options o) {
    boolean decoupled = o.flag("decoupled_weight_decay");
    Rule<Options> r = new Rule<>("RAdam", List.of("exp_avg", "exp_avg_sq"));
    Expr g = decoupled ? r.gradient(o) : r.decayed(o);
    Expr mean = MomentOptions.mean(r, g);
    Expr square = MomentOptions.meanSquare(r, g);
    Expr rectified = r.number(Options::rectified);
    Expr step = mean.mul(r.number((x, s) -> x.lr() / x.correction1(s)));
    Expr scaled = step.mul(rectified.div(square.sqrt().add(r.option("eps"))));
    Expr p = decoupled ? r.shrunk(o) : r.parameter();
    return r.becomes(p.sub(rectified.ne(Expr.of(0)).where(scaled, step)));
  }
}
