package dev.flambeau.torch.optim;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.expr.Expr;
import java.util.List;
import java.util.function.Consumer;

/**
 * Steps by the sign of a mix of the gradient and its running mean (Chen et al. 2023, "Symbolic
 * discovery of optimization algorithms", algorithm 2). PyTorch has none; its learning rates are 3
 * to 10 times smaller than AdamW's.
 */
public final class Lion extends FusedOptimizer<Lion.Options> {
  /** Learning rate 0.0001, betas 0.9 and 0.99, decoupled weight decay 0. */
  public static final class Options extends DecayOptions<Options> {
    Options() {
      super(1e-4, 0);
      define("betas", Range.pair(0.9, 0.99), Range.BETAS);
    }

    /** The mean's part of the step, and the part of the mean that is kept, both in [0, 1). */
    public Options betas(double step, double kept) {
      return set("betas", Range.pair(step, kept));
    }
  }

  public Lion(List<Tensor> parameters, Consumer<Options> options) {
    super(Options::new, options, parameters);
  }

  @Override
  boolean countsSteps() {
    return false;
  }

  @Override
  Rule<Options> rule(Options o) {
    Rule<Options> r = new Rule<>("Lion", List.of("exp_avg"));
    Expr g = r.gradient(o);
    Expr mixed =
        r.buffer("exp_avg")
            .mul(r.number((x, _) -> x.number("betas", 0)))
            .add(g.mul(r.number((x, _) -> 1 - x.number("betas", 0))));
    r.mean("exp_avg", g, (x, _) -> x.number("betas", 1));
    return r.becomes(r.shrunk(o).sub(mixed.sign().mul(r.option("lr"))));
  }
}
