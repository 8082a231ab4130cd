package dev.flambeau.torch.optim;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.expr.Expr;
import java.util.List;
import java.util.function.Consumer;

/**
 * Steps scaled by running means of the gradient and its square (Kingma and Ba 2015). The two kinds
 * differ in weight decay only.
 */
public abstract sealed class AdamFamily extends FusedOptimizer<AdamFamily.Options>
    permits Adam, AdamW {
  private final boolean decoupled;

  /** Learning rate 0.001, betas 0.9 and 0.999, epsilon 1e-8. */
  public static final class Options extends MomentOptions<Options> {
    Options(double weightDecay) {
      super(1e-3, weightDecay);
      define("amsgrad", false);
      foreign("foreach", null);
      foreign("capturable", false);
      foreign("differentiable", false);
      foreign("fused", null);
    }

    /** Divides by the largest mean square so far (Reddi et al. 2018). */
    public Options amsgrad(boolean on) {
      return set("amsgrad", on);
    }
  }

  AdamFamily(
      double weightDecay, boolean decoupled, Consumer<Options> options, List<Tensor> parameters) {
    super(() -> new Options(weightDecay), options, parameters);
    this.decoupled = decoupled;
  }

  @Override
  final Rule<Options> rule(Options o) {
    boolean amsgrad = o.flag("amsgrad");
    Rule<Options> r =
        new Rule<>(
            name(),
            amsgrad
                ? List.of("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
                : List.of("exp_avg", "exp_avg_sq"));
    Expr g = decoupled ? r.gradient(o) : r.decayed(o);
    Expr mean = MomentOptions.mean(r, g);
    Expr square = MomentOptions.meanSquare(r, g);
    Expr largest =
        amsgrad ? r.remember("max_exp_avg_sq", r.buffer("max_exp_avg_sq").max(square)) : square;
    Expr correction = r.number((x, s) -> Math.sqrt(x.correction2(s)));
    Expr root = largest.sqrt().div(correction).add(r.option("eps"));
    Expr size = r.number((x, s) -> x.lr() / x.correction1(s));
    Expr p = decoupled ? r.shrunk(o) : r.parameter();
    return r.becomes(p.sub(mean.mul(size).div(root)));
  }
}
