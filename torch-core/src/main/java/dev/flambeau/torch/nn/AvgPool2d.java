package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.PoolOptions;
import dev.flambeau.torch.op.AvgPool;
import java.util.function.Consumer;

/** The mean of each window of (N, C, H, W). PyTorch: {@code torch.nn.AvgPool2d}. */
public class AvgPool2d extends Module {
  private final AvgPool op;

  public AvgPool2d(long kernel) {
    this(kernel, _ -> {});
  }

  public AvgPool2d(long kernel, Consumer<PoolOptions> options) {
    this(new long[] {kernel, kernel}, options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public AvgPool2d(long[] kernel, Consumer<PoolOptions> options) {
    this.op = PoolOptions.of(options).avgOperator(Kernels.checked("AvgPool2d", kernel, 2));
  }

  /** What is computed, with its attributes. */
  public AvgPool operator() {
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
