package dev.flambeau.torch.optim;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.expr.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Steps divided by the root of a running mean of the squared gradient (Tieleman and Hinton 2012;
 * centered: Graves 2013). PyTorch: {@code torch.optim.RMSprop}.
 */
public final class RMSprop extends FusedOptimizer<RMSprop.Options> {
  /** Learning rate 0.01, alpha 0.99, epsilon 1e-8, everything else 0 or off. */
  public static final class Options extends DecayOptions<Options> {
    Options() {
      super(1e-2, 0);
      define("momentum", 0.0, Range.NOT_NEGATIVE);
      define("alpha", 0.99, Range.NOT_NEGATIVE);
      define("eps", 1e-8, Range.NOT_NEGATIVE);
      define("centered", false);
      foreign("capturable", false);
      foreign("foreach", null);
      foreign("differentiable", false);
    }

    /** The part of the last step that is kept, 0 or more. */
    public Options momentum(double value) {
      return set("momentum", value);
    }

    /** The part of the running means that is kept at each step, 0 or more. */
    public Options alpha(double value) {
      return set("alpha", value);
    }

    /** Added to what is divided by, 0 or more. */
    public Options epsilon(double value) {
      return set("eps", value);
    }

    /** Takes the variance of the gradient in the place of its mean square. */
    public Options centered(boolean on) {
      return set("centered", on);
    }
  }

  public RMSprop(List<Tensor> parameters, Consumer<Options> options) {
    super(Options::new, options, parameters);
  }

  @Override
  Rule<Options> rule(Options o) {
    boolean momentum = o.number("momentum") != 0;
    boolean centered = o.flag("centered");
    List<String> buffers = new ArrayList<>(List.of("square_avg"));
    if (momentum) {
      buffers.add("momentum_buffer");
    }
    if (centered) {
      buffers.add("grad_avg");
    }
    Rule<Options> r = new Rule<>("RMSprop", buffers);
    Rule.Number<Options> alpha = (x, _) -> x.number("alpha");
    Expr g = r.decayed(o);
    Expr square = r.mean("square_avg", g.square(), alpha);
    Expr spread = centered ? square.sub(r.mean("grad_avg", g, alpha).square()) : square;
    Expr step = g.div(spread.sqrt().add(r.option("eps")));
    if (momentum) {
      Expr carried = r.buffer("momentum_buffer").mul(r.option("momentum"));
      step = r.remember("momentum_buffer", carried.add(step));
    }
    return r.becomes(r.parameter().sub(step.mul(r.option("lr"))));
  }
}
