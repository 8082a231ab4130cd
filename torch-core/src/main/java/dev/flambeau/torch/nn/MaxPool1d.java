package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.function.Consumer;

/** The largest of each window of (N, C, L). PyTorch: {@code torch.nn.MaxPool1d}. */
public class MaxPool1d extends Module {
  private final long[] kernel;
  private final Consumer<PoolOptions> options;

  public MaxPool1d(long kernel) {
    this(kernel, _ -> {});
  }

  public MaxPool1d(long kernel, Consumer<PoolOptions> options) {
    this(new long[] {kernel}, options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public MaxPool1d(long[] kernel, Consumer<PoolOptions> options) {
    this.kernel = Kernels.checked("MaxPool1d", kernel, 1);
    this.options = options;
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.maxPool(input, kernel, options);
  }

  @Override
  protected String describe() {
    return PoolOptions.of(options).describeMax(kernel);
  }
}
