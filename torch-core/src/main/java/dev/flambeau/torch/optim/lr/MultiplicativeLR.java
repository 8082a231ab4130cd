package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.optim.Optimizer;
import java.util.List;
import java.util.function.LongToDoubleFunction;

/**
 * Multiplies the rate by a function of the epoch, from epoch 1 on. PyTorch: {@code
 * MultiplicativeLR}.
 */
public final class MultiplicativeLR extends LRScheduler {
  private final List<LongToDoubleFunction> functions;

  /** One function for all groups. */
  public MultiplicativeLR(Optimizer<?> optimizer, LongToDoubleFunction lrLambda) {
    this(optimizer, List.of(lrLambda));
  }

  /** A function for each group, or one for all. */
  public MultiplicativeLR(Optimizer<?> optimizer, List<LongToDoubleFunction> lrLambdas) {
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
    return epoch() > 0 ? now(group) * function(group).applyAsDouble(epoch()) : now(group);
  }
}
