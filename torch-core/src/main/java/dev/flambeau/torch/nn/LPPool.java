package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.Arrays;
import java.util.function.Consumer;

/** The p-norm, (sum x^p)^(1/p), of each window over the last one to three axes. */
public abstract class LPPool extends Module {
  private final double p;
  private final long[] kernel;
  private final Consumer<PoolOptions> options;

  LPPool(double p, long[] kernel, int axes, Consumer<PoolOptions> options) {
    this.p = p;
    this.kernel = Kernels.checked(getClass().getSimpleName(), kernel, axes);
    this.options = options;
    PoolOptions.of(options).avgOperator(kernel);
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.lpPool(input, p, kernel, options);
  }

  @Override
  protected String describe() {
    var op = PoolOptions.of(options).avgOperator(kernel);
    return "norm_type="
        + p
        + ", kernel_size="
        + Kernels.text(Arrays.stream(kernel).boxed().toList())
        + ", stride="
        + Kernels.text(op.window().stride())
        + ", ceil_mode="
        + Kernels.text(op.ceil());
  }
}
