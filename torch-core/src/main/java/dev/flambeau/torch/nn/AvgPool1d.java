package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.function.Consumer;

/** The mean of each window of (N, C, L). PyTorch: {@code torch.nn.AvgPool1d}. */
public class AvgPool1d extends Module {
  private final long[] kernel;
  private final Consumer<PoolOptions> options;

  public AvgPool1d(long kernel) {
    this(kernel, _ -> {});
  }

  public AvgPool1d(long kernel, Consumer<PoolOptions> options) {
    this(new long[] {kernel}, options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public AvgPool1d(long[] kernel, Consumer<PoolOptions> options) {
    this.kernel = Kernels.checked("AvgPool1d", kernel, 1);
    this.options = options;
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.avgPool(input, kernel, options);
  }

  @Override
  protected String describe() {
    return PoolOptions.of(options).describeAvg(kernel);
  }
}
