package dev.flambeau.torch.optim;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Newton's method with curvature learned from the last gradients (Nocedal 1980), for full batches.
 * Each step takes up to {@code max_iter} inner steps and evaluates the loss for each. One parameter
 * group only. PyTorch: {@code torch.optim.LBFGS}.
 */
public final class LBFGS extends Optimizer<LBFGS.Options> {
  /**
   * Learning rate 1, 20 iterations and 25 evaluations a step, tolerances 1e-7 and 1e-9, history of
   * 100, no line search.
   */
  public static final class Options extends GroupOptions<Options> {
    private static final String WOLFE = "strong_wolfe";

    Options() {
      super(1);
      define("max_iter", 20L, Range.integer("1 or more", v -> v >= 1));
      define(
          "max_eval",
          null,
          new Range("null or 1 or more", v -> v == null ? v : atLeastOne().convert().apply(v)));
      define("tolerance_grad", 1e-7, Range.NOT_NEGATIVE);
      define("tolerance_change", 1e-9, Range.NOT_NEGATIVE);
      define("history_size", 100L, atLeastOne());
      define("line_search_fn", null, Range.choice(WOLFE));
    }

    private static Range atLeastOne() {
      return Range.integer("1 or more", v -> v >= 1);
    }

    /** Inner steps of a step. */
    public Options maxIter(long value) {
      return set("max_iter", value);
    }

    /** Evaluations of the loss in a step; by default 5/4 of the inner steps. */
    public Options maxEval(long value) {
      return set("max_eval", value);
    }

    /** Stops where no element of the gradient is larger. */
    public Options toleranceGrad(double value) {
      return set("tolerance_grad", value);
    }

    /** Stops where neither loss nor parameters change by more. */
    public Options toleranceChange(double value) {
      return set("tolerance_change", value);
    }

    /** How many changes are remembered. */
    public Options historySize(long value) {
      return set("history_size", value);
    }

    /** Searches along each direction until the strong Wolfe conditions hold. */
    public Options strongWolfe(boolean on) {
      return set("line_search_fn", on ? WOLFE : null);
    }

    private long evaluations() {
      Object value = get("max_eval");
      return value == null ? (long) number("max_iter") * 5 / 4 : (Long) value;
    }
  }

  public LBFGS(List<Tensor> parameters, Consumer<Options> options) {
    super(Options::new, options, parameters);
  }

  @Override
  void checkParameter(Tensor parameter) {
    if (!groups().isEmpty()) {
      throw TorchException.argument("LBFGS", "parameters", "a second group", "one group");
    }
  }

  /**
   * Not possible.
   *
   * @throws TorchException always: the loss has to be evaluated several times
   */
  @Override
  public void step() {
    throw TorchException.argument("LBFGS.step", "loss", "missing", "step(() -> the loss)");
  }

  @Override
  public Tensor step(Supplier<Tensor> loss) {
    Tensor[] first = new Tensor[1];
    hooked(() -> first[0] = new Run(loss).run());
    return first[0];
  }

  @Override
  void update(Group<Options> group) {
    step();
  }

  @Override
  ParameterState newState() {
    return new LbfgsHistory();
  }

  @Override
  Map<String, Object> save(ParameterState state) {
    return ((LbfgsHistory) state).save();
  }

  @Override
  ParameterState load(Tensor parameter, Map<?, ?> saved) {
    return LbfgsHistory.load(parameter, saved);
  }

  /** One step. */
  private final class Run {
    private final Supplier<Tensor> closure;
    private final Group<Options> group = groups().get(0);
    private final Options options = group.options();
    private final FlatParameters flat = new FlatParameters(group.parameters());
    private final LbfgsHistory history = (LbfgsHistory) state(group.parameters().get(0));
    private double loss;
    private Tensor gradient;
    private int iterations;
    private long evaluations;

    Run(Supplier<Tensor> closure) {
      this.closure = closure;
    }

    private Tensor evaluateLoss() {
      Tensor value = evaluate(closure);
      loss = value.item();
      gradient = flat.gradient();
      evaluations++;
      history.evaluations++;
      return value;
    }

    Tensor run() {
      Tensor first = evaluateLoss();
      if (!isFlat()) {
        boolean more = true;
        while (more && iterations < options.number("max_iter")) {
          more = iterate();
        }
      }
      history.own(group.parameters().get(0));
      return first;
    }

    /** One inner step; false: that was the last one. */
    private boolean iterate() {
      iterations++;
      history.turn(gradient, (int) options.number("history_size"));
      double before = loss;
      history.previousGradient = gradient;
      history.previousLoss = loss;
      Tensor direction = history.direction;
      boolean start = history.iterations == 1;
      double size = start ? Math.min(1, 1 / gradient.abs().sum().item()) : 1;
      history.size = size * options.lr();
      double slope = gradient.dot(direction).item();
      if (slope > -options.number("tolerance_change")) {
        return false;
      }
      move(slope);
      return iterations < options.number("max_iter")
          && evaluations < options.evaluations()
          && !isFlat()
          && largest(direction) * Math.abs(history.size) > options.number("tolerance_change")
          && Math.abs(loss - before) >= options.number("tolerance_change");
    }

    private void move(double slope) {
      Tensor direction = history.direction;
      if (options.get("line_search_fn") == null) {
        Torch.noGrad(() -> flat.add(direction, history.size));
        if (iterations < options.number("max_iter")) {
          evaluateLoss();
        }
        return;
      }
      Tensor start = flat.copy();
      StrongWolfe search =
          new StrongWolfe(
              at -> {
                Torch.noGrad(
                    () -> {
                      flat.set(start);
                      flat.add(direction, at);
                    });
                evaluateLoss();
                return new StrongWolfe.Point(at, loss, gradient, gradient.dot(direction).item());
              },
              largest(direction));
      StrongWolfe.Point found =
          search.find(new StrongWolfe.Point(0, loss, gradient, slope), history.size);
      history.size = found.at();
      loss = found.loss();
      gradient = found.gradient();
      Torch.noGrad(
          () -> {
            flat.set(start);
            flat.add(direction, history.size);
          });
    }

    private boolean isFlat() {
      return largest(gradient) <= options.number("tolerance_grad");
    }

    private static double largest(Tensor t) {
      return t.numel() == 0 ? 0 : t.abs().max().item();
    }
  }
}
