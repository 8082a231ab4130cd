package dev.flambeau.torch.optim;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.expr.Expr;
import java.util.List;
import java.util.function.Consumer;

/**
 * Stochastic gradient descent that also keeps the mean of the parameters, "ax" in its state (Polyak
 * and Juditsky 1992). PyTorch: {@code torch.optim.ASGD}.
 */
public final class ASGD extends FusedOptimizer<ASGD.Options> {
  private static final String RATE = "eta";
  private static final String SHARE = "mu";

  /** Learning rate 0.01, lambd 1e-4, alpha 0.75, t0 1e6, weight decay 0. */
  public static final class Options extends DecayOptions<Options> {
    Options() {
      super(1e-2, 0);
      define("lambd", 1e-4, Range.ANY);
      define("alpha", 0.75, Range.ANY);
      define("t0", 1e6, Range.ANY);
      foreign("foreach", null);
      foreign("differentiable", false);
      foreign("capturable", false);
    }

    /** Decay of the parameters, times the learning rate of the step. */
    public Options lambd(double value) {
      return set("lambd", value);
    }

    /** The power by which the learning rate falls. */
    public Options alpha(double value) {
      return set("alpha", value);
    }

    /** The step at which the mean starts. */
    public Options t0(double value) {
      return set("t0", value);
    }
  }

  public ASGD(List<Tensor> parameters, Consumer<Options> options) {
    super(Options::new, options, parameters);
  }

  @Override
  List<String> numberNames() {
    return List.of(RATE, SHARE);
  }

  /** The numbers for the next step, which PyTorch's state holds, from this one on. */
  private static double next(String name, Options o, long steps) {
    if (name.equals(SHARE)) {
      return (float) (1 / Math.max(1, steps - o.number("t0")));
    }
    double slower = 1 + o.number("lambd") * o.lr() * steps;
    return (float) (o.lr() / Math.pow(slower, o.number("alpha")));
  }

  @Override
  void advance(Options o, ParameterState s) {
    s.numbers.putIfAbsent(RATE, (double) (float) o.lr());
    s.numbers.putIfAbsent(SHARE, 1.0);
  }

  @Override
  void advanced(Options o, ParameterState s) {
    s.numbers.replaceAll((name, _) -> next(name, o, s.steps));
  }

  @Override
  Rule<Options> rule(Options o) {
    Rule<Options> r = new Rule<>("ASGD", List.of("ax"));
    Expr g = r.decayed(o);
    Expr rate = r.number((_, s) -> s.numbers.get(RATE));
    Expr kept = r.number((x, s) -> 1 - x.number("lambd") * s.numbers.get(RATE));
    Expr share = r.number((_, s) -> s.numbers.get(SHARE));
    Expr p = r.parameter().mul(kept).sub(g.mul(rate));
    Expr mean = r.buffer("ax");
    r.remember("ax", share.eq(Expr.of(1)).where(p, mean.add(p.sub(mean).mul(share))));
    return r.becomes(p);
  }
}
