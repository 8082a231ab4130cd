package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.api.Reductions.ValuesIndices;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.PoolOptions;
import java.util.function.Consumer;

/** The largest of each window over the last one to three axes; the batch axis may lack. */
public abstract class MaxPool extends Module {
  private final dev.flambeau.torch.op.MaxPool op;

  MaxPool(long[] kernel, int axes, Consumer<PoolOptions> options) {
    String name = getClass().getSimpleName();
    this.op = PoolOptions.of(options).maxOperator(Kernels.checked(name, kernel, axes));
  }

  /** What is computed, with its attributes. */
  public dev.flambeau.torch.op.MaxPool operator() {
    return op;
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.maxPool(input, op);
  }

  /**
   * The largest and where each is in its channel, row by row; for {@code MaxUnpool}. PyTorch:
   * {@code return_indices}.
   */
  public ValuesIndices forwardWithIndices(Tensor input) {
    return F.maxPoolWithIndices(input, op);
  }

  @Override
  protected String describe() {
    return Kernels.describe(op.kernel(), op.window())
        + ", dilation="
        + Kernels.text(op.window().dilation())
        + ", ceil_mode="
        + Kernels.text(op.ceil());
  }
}
