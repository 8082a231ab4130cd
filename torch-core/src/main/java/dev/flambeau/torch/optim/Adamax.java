package dev.flambeau.torch.optim;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.expr.Expr;
import java.util.List;
import java.util.function.Consumer;

/**
 * Adam with the largest recent gradient in the place of the mean square (Kingma and Ba 2015,
 * section 7). PyTorch: {@code torch.optim.Adamax}.
 */
public final class Adamax extends FusedOptimizer<Adamax.Options> {
  /** Learning rate 0.002, betas 0.9 and 0.999, epsilon 1e-8, weight decay 0. */
  public static final class Options extends MomentOptions<Options> {
    Options() {
      super(2e-3, 0);
      foreign("foreach", null);
      foreign("differentiable", false);
      foreign("capturable", false);
    }
  }

  public Adamax(List<Tensor> parameters, Consumer<Options> options) {
    super(Options::new, options, parameters);
  }

  @Override
  Rule<Options> rule(Options o) {
    Rule<Options> r = new Rule<>("Adamax", List.of("exp_avg", "exp_inf"));
    Expr g = r.decayed(o);
    Expr mean = MomentOptions.mean(r, g);
    Expr faded = r.buffer("exp_inf").mul(r.number((x, _) -> x.beta2()));
    Expr largest = r.remember("exp_inf", faded.max(g.abs().add(r.option("eps"))));
    Expr size = r.number((x, s) -> x.lr() / x.correction1(s));
    return r.becomes(r.parameter().sub(mean.mul(size).div(largest)));
  }
}
