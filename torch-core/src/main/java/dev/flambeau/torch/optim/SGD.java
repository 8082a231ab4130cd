package dev.flambeau.torch.optim;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.expr.Expr;
import java.util.List;
import java.util.function.Consumer;

/**
 * Stochastic gradient descent, with momentum if wanted (Sutskever et al. 2013). PyTorch: {@code
 * torch.optim.SGD}.
 */
public final class SGD extends FusedOptimizer<SGD.Options> {
  private static final String MOMENTUM = "momentum_buffer";

  /** Learning rate 0.001, everything else 0 or off. */
  public static final class Options extends DecayOptions<Options> {
    Options() {
      super(1e-3, 0);
      define("momentum", 0.0, Range.NOT_NEGATIVE);
      define("dampening", 0.0, Range.ANY);
      define("nesterov", false);
      foreign("foreach", null);
      foreign("differentiable", false);
      foreign("fused", null);
    }

    /** The part of the last step that is kept, 0 or more. */
    public Options momentum(double value) {
      return set("momentum", value);
    }

    /** The part of the gradient that momentum leaves out. */
    public Options dampening(double value) {
      return set("dampening", value);
    }

    /** Looks one step ahead; needs momentum and no dampening. */
    public Options nesterov(boolean on) {
      return set("nesterov", on);
    }

    @Override
    void check() {
      if (flag("nesterov") && (number("momentum") == 0 || number("dampening") != 0)) {
        throw TorchException.argument(
            "SGD",
            "nesterov",
            "on with momentum " + number("momentum") + " and dampening " + number("dampening"),
            "momentum above 0 and dampening 0");
      }
    }
  }

  public SGD(List<Tensor> parameters, Consumer<Options> options) {
    super(Options::new, options, parameters);
  }

  @Override
  boolean countsSteps() {
    return false;
  }

  @Override
  Rule<Options> rule(Options o) {
    boolean momentum = o.number("momentum") != 0;
    Rule<Options> r = new Rule<>("SGD", momentum ? List.of(MOMENTUM) : List.of());
    Expr step = r.decayed(o);
    if (momentum) {
      Expr kept = r.option("momentum");
      // The first step takes the gradient as it is: nothing is carried over, nothing dampened.
      Expr carried = r.number((x, s) -> s.fresh ? 0 : x.number("momentum"));
      Expr added = r.number((x, s) -> s.fresh ? 1 : 1 - x.number("dampening"));
      Expr velocity = r.remember(MOMENTUM, r.buffer(MOMENTUM).mul(carried).add(step.mul(added)));
      step = o.flag("nesterov") ? step.add(velocity.mul(kept)) : velocity;
    }
    return r.becomes(r.parameter().sub(step.mul(r.option("lr"))));
  }
}
