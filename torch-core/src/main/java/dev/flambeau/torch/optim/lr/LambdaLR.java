package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.optim.Optimizer;
import java.util.List;
import java.util.function.LongToDoubleFunction;

/** The first rate times a function of the epoch. PyTorch: {@code LambdaLR}. */
public final class LambdaLR extends LRScheduler {
  private final List<LongToDoubleFunction> functions;

  /** One function for all groups. */
  public LambdaLR(Optimizer<?> optimizer, LongToDoubleFunction lrLambda) {
    this(optimizer, List.of(lrLambda));
  }

  /** A function for each group, or one for all. */
  public LambdaLR(Optimizer<?> optimizer, List<LongToDoubleFunction> lrLambdas) {
    super(optimizer);
    if (lrLambdas.size() != 1 && lrLambdas.size() != groups()) {
      throw refused("lrLambdas", lrLambdas.size() + " functions", "1 or " + groups());
    }
    this.functions = List.copyOf(lrLambdas);
    start();
  }

  private LongToDoubleFunction function(int group) {
    return functions.get(functions.size() == 1 ? 0 : group);
  }

  @Override
  double lr(int group) {
    return base(group) * function(group).applyAsDouble(epoch());
  }
}
