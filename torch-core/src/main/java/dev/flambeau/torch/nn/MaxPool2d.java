package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.PoolOptions;
import dev.flambeau.torch.op.MaxPool;
import java.util.function.Consumer;

/** The largest of each window of (N, C, H, W). PyTorch: {@code torch.nn.MaxPool2d}. */
public class MaxPool2d extends Module {
  private final MaxPool op;

  public MaxPool2d(long kernel) {
    this(kernel, _ -> {});
  }

  public MaxPool2d(long kernel, Consumer<PoolOptions> options) {
    this(new long[] {kernel, kernel}, options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public MaxPool2d(long[] kernel, Consumer<PoolOptions> options) {
    this.op = PoolOptions.of(options).maxOperator(Kernels.checked("MaxPool2d", kernel, 2));
  }

  /** What is computed, with its attributes. */
  public MaxPool operator() {
    return op;
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.maxPool(input, op);
  }

  @Override
  protected String describe() {
    return Kernels.describe(op.kernel(), op.window())
        + ", dilation="
        + Kernels.text(op.window().dilation())
        + ", ceil_mode="
        + (op.ceil() ? "True" : "False");
  }
}
