package dev.flambeau.torch.optim;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.expr.Expr;
import java.util.List;
import java.util.function.Consumer;

/** Adam with Nesterov's momentum (Dozat 2016). PyTorch: {@code torch.optim.NAdam}. */
public final class NAdam extends FusedOptimizer<NAdam.Options> {
  private static final String PRODUCT = "mu_product";

  /**
   * Learning rate 0.002, betas 0.9 and 0.999, epsilon 1e-8, weight decay 0, momentum decay 0.004.
   */
  public static final class Options extends MomentOptions<Options> {
    Options() {
      super(2e-3, 0);
      define("momentum_decay", 4e-3, Range.NOT_NEGATIVE);
      define("decoupled_weight_decay", false);
      define("mu_twice", false);
      foreign("foreach", null);
      foreign("capturable", false);
      foreign("differentiable", false);
    }

    /** How fast the momentum comes up to its full value, 0 or more. */
    public Options momentumDecay(double value) {
      return set("momentum_decay", value);
    }

    /** Lets weight decay shrink the parameters themselves. */
    public Options decoupledWeightDecay(boolean on) {
      return set("decoupled_weight_decay", on);
    }

    /**
     * Counts the momentum of a step twice in the correction of the look ahead, as PyTorch 1 did;
     * PyTorch 2 and the paper do not. Off by default.
     */
    public Options muTwice(boolean on) {
      return set("mu_twice", on);
    }

    private double momentum(long step) {
      return beta1() * (1 - 0.5 * Math.pow(0.96, step * number("momentum_decay")));
    }
  }

  public NAdam(List<Tensor> parameters, Consumer<Options> options) {
    super(Options::new, options, parameters);
  }

  @Override
  List<String> numberNames() {
    return List.of(PRODUCT);
  }

  @Override
  void advance(Options o, ParameterState s) {
    // PyTorch keeps the product in a tensor of floats.
    float product = (float) (double) s.numbers.getOrDefault(PRODUCT, 1.0);
    s.numbers.put(PRODUCT, (double) (product * (float) o.momentum(s.steps)));
  }

  @Override
  Rule<Options> rule(Options o) {
    boolean decoupled = o.flag("decoupled_weight_decay");
    Rule<Options> r = new Rule<>("NAdam", List.of("exp_avg", "exp_avg_sq"));
    Expr g = decoupled ? r.gradient(o) : r.decayed(o);
    Expr mean = MomentOptions.mean(r, g);
    Expr square = MomentOptions.meanSquare(r, g);
    Expr correction = r.number(Options::correction2);
    Expr root = square.div(correction).sqrt().add(r.option("eps"));
    Expr now =
        r.number((x, s) -> x.lr() * (1 - x.momentum(s.steps)) / (1 - s.numbers.get(PRODUCT)));
    Expr next =
        r.number(
            (x, s) -> {
              double ahead = x.momentum(s.steps + 1);
              double more = x.flag("mu_twice") ? x.momentum(s.steps) : 1;
              return x.lr() * ahead / (1 - s.numbers.get(PRODUCT) * more * ahead);
            });
    Expr p = decoupled ? r.shrunk(o) : r.parameter();
    return r.becomes(p.sub(g.mul(now).div(root)).sub(mean.mul(next).div(root)));
  }
}
