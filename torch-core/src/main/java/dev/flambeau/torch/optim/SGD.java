package dev.flambeau.torch.optim;

import static dev.flambeau.torch.op.expr.Expr.in;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Types;
import dev.flambeau.torch.op.expr.Expr;
import java.util.List;
import java.util.function.Consumer;

/**
 * Stochastic gradient descent, with momentum if wanted (Sutskever et al. 2013). PyTorch: {@code
 * torch.optim.SGD}.
 */
public class SGD extends Optimizer<SGD.Options> {
  private static final Pointwise PLAIN = plain();
  private static final Pointwise MOMENTUM = momentum();

  /** Learning rate 0.001, everything else 0 or off. */
  public static final class Options extends Optimizer.Options {
    private double momentum;
    private double dampening;
    private double weightDecay;
    private boolean nesterov;
    private boolean maximize;

    Options() {
      super(1e-3);
    }

    @Override
    public Options lr(double value) {
      super.lr(value);
      return this;
    }

    /** The part of the last step that is kept, 0 or more. */
    public Options momentum(double value) {
      momentum = atLeastZero("momentum", value);
      return this;
    }

    /** The part of the gradient that momentum leaves out. */
    public Options dampening(double value) {
      dampening = value;
      return this;
    }

    /** Factor of the parameter that is added to its gradient, 0 or more. */
    public Options weightDecay(double value) {
      weightDecay = atLeastZero("weight_decay", value);
      return this;
    }

    /** Looks one step ahead; needs momentum and no dampening. */
    public Options nesterov(boolean on) {
      nesterov = on;
      return this;
    }

    /** Climbs instead of descending. */
    public Options maximize(boolean on) {
      maximize = on;
      return this;
    }

    @Override
    Options copy() {
      Options copy = new Options().lr(lr()).momentum(momentum).dampening(dampening);
      return copy.weightDecay(weightDecay).nesterov(nesterov).maximize(maximize);
    }

    private Options checked() {
      if (nesterov && (momentum == 0 || dampening != 0)) {
        throw TorchException.argument(
            "SGD",
            "nesterov",
            "on with momentum " + momentum + " and dampening " + dampening,
            "momentum above 0 and dampening 0");
      }
      return this;
    }
  }

  public SGD(List<Tensor> parameters, Consumer<Options> options) {
    super(set(options), parameters);
  }

  private static Options set(Consumer<Options> options) {
    Options o = new Options();
    options.accept(o);
    return o.checked();
  }

  @Override
  int buffers(Options o) {
    return o.momentum == 0 ? 0 : 1;
  }

  @Override
  Pointwise rule(Options o) {
    return o.momentum == 0 ? PLAIN : MOMENTUM;
  }

  @Override
  double[] numbers(Options o, State state) {
    // The first step takes the gradient as it is: nothing is carried over, nothing dampened.
    boolean first = state.steps() == 1;
    return new double[] {
      o.lr(),
      o.weightDecay,
      o.maximize ? -1 : 1,
      first ? 0 : o.momentum,
      first ? 1 : 1 - o.dampening,
      o.nesterov ? 1 : 0,
      o.nesterov ? o.momentum : 1
    };
  }

  /** Sign times gradient plus decay times parameter. */
  private static Expr direction(Expr p, Expr g, Expr decay, Expr sign) {
    return g.mul(sign).add(p.mul(decay));
  }

  private static Pointwise plain() {
    Expr p = in(0);
    Expr next = p.sub(direction(p, in(1), in(3), in(4)).mul(in(2)));
    return new Pointwise("sgd", 9, List.of(next), Types.SAME, null);
  }

  private static Pointwise momentum() {
    Expr p = in(0);
    Expr d = direction(p, in(1), in(4), in(5));
    Expr velocity = in(2).mul(in(6)).add(d.mul(in(7)));
    Expr next = p.sub(d.mul(in(8)).add(velocity.mul(in(9))).mul(in(3)));
    return new Pointwise("sgd.momentum", 10, List.of(next, velocity), Types.SAME, null);
  }
}
