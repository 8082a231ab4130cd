package dev.flambeau.torch.optim;

import static dev.flambeau.torch.op.expr.Expr.in;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Types;
import dev.flambeau.torch.op.expr.Expr;
import java.util.ArrayList;
import java.util.List;

/**
 * Steps scaled by running means of the gradient and its square (Kingma and Ba 2015). The two kinds
 * differ in weight decay only.
 */
public abstract sealed class AdamFamily extends Optimizer<AdamFamily.Options> permits Adam, AdamW {
  private static final Pointwise RULE = rule(false);
  private static final Pointwise AMSGRAD = rule(true);

  /** Learning rate 0.001, betas 0.9 and 0.999, epsilon 1e-8. */
  public static final class Options extends Optimizer.Options {
    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double epsilon = 1e-8;
    private double weightDecay;
    private boolean amsgrad;
    private boolean maximize;

    Options() {
      super(1e-3);
    }

    @Override
    public Options lr(double value) {
      super.lr(value);
      return this;
    }

    /** The parts of the two running means that are kept at each step, in [0, 1). */
    public Options betas(double first, double second) {
      if (!(first >= 0 && first < 1 && second >= 0 && second < 1)) {
        throw TorchException.argument("Adam", "betas", first + ", " + second, "in [0, 1)");
      }
      beta1 = first;
      beta2 = second;
      return this;
    }

    /** Added to the root of the mean square, 0 or more. */
    public Options epsilon(double value) {
      epsilon = atLeastZero("eps", value);
      return this;
    }

    /** Weight decay, 0 or more; Adam: 0, AdamW: 0.01. */
    public Options weightDecay(double value) {
      weightDecay = atLeastZero("weight_decay", value);
      return this;
    }

    /** Divides by the largest mean square so far (Reddi et al. 2018). */
    public Options amsgrad(boolean on) {
      amsgrad = on;
      return this;
    }

    /** Climbs instead of descending. */
    public Options maximize(boolean on) {
      maximize = on;
      return this;
    }

    @Override
    Options copy() {
      Options copy = new Options().lr(lr()).betas(beta1, beta2).epsilon(epsilon);
      return copy.weightDecay(weightDecay).amsgrad(amsgrad).maximize(maximize);
    }
  }

  AdamFamily(Options defaults, List<Tensor> parameters) {
    super(defaults, parameters);
  }

  /** Whether decay shrinks the parameter itself instead of entering the gradient. */
  abstract boolean decoupled();

  @Override
  int buffers(Options o) {
    return o.amsgrad ? 3 : 2;
  }

  @Override
  Pointwise rule(Options o) {
    return o.amsgrad ? AMSGRAD : RULE;
  }

  @Override
  double[] numbers(Options o, State state) {
    double correction1 = 1 - Math.pow(o.beta1, state.steps());
    double correction2 = 1 - Math.pow(o.beta2, state.steps());
    return new double[] {
      o.lr() / correction1,
      1 / Math.sqrt(correction2),
      o.beta1,
      1 - o.beta1,
      o.beta2,
      1 - o.beta2,
      o.epsilon,
      decoupled() ? 0 : o.weightDecay,
      decoupled() ? 1 - o.lr() * o.weightDecay : 1,
      o.maximize ? -1 : 1
    };
  }

  private static Pointwise rule(boolean amsgrad) {
    int first = amsgrad ? 5 : 4;
    Expr p = in(0);
    Expr g = in(1).mul(in(first + 9)).add(p.mul(in(first + 7)));
    Expr mean = in(2).mul(in(first + 2)).add(g.mul(in(first + 3)));
    Expr square = in(3).mul(in(first + 4)).add(g.mul(g).mul(in(first + 5)));
    Expr largest = amsgrad ? in(4).max(square) : square;
    Expr root = largest.sqrt().mul(in(first + 1)).add(in(first + 6));
    Expr next = p.mul(in(first + 8)).sub(mean.div(root).mul(in(first)));
    List<Expr> outputs = new ArrayList<>(List.of(next, mean, square));
    if (amsgrad) {
      outputs.add(largest);
    }
    String name = amsgrad ? "adam.amsgrad" : "adam";
    return new Pointwise(name, first + 10, List.copyOf(outputs), Types.SAME, null);
  }
}
