package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.function.Consumer;

/** The mean of each window over the last one to three axes; the batch axis may lack. */
public abstract class AvgPool extends Module {
  private final dev.flambeau.torch.op.AvgPool op;

  AvgPool(long[] kernel, int axes, Consumer<PoolOptions> options) {
    String name = getClass().getSimpleName();
    this.op = PoolOptions.of(options).avgOperator(Kernels.checked(name, kernel, axes));
  }

  /** What is computed, with its attributes. */
  public dev.flambeau.torch.op.AvgPool operator() {
    return op;
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.avgPool(input, op);
  }

  @Override
  protected String describe() {
    return Kernels.describe(op.kernel(), op.window());
  }
}
