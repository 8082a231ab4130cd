package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.PoolOptions;
import dev.flambeau.torch.op.Window;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Puts maxima back to their places among zeros: the way back from {@link MaxPool}. */
public abstract class MaxUnpool extends Module {
  private final List<Long> kernel;
  private final Window window;

  MaxUnpool(long[] kernel, int axes, Consumer<PoolOptions> options) {
    String name = getClass().getSimpleName();
    var op = PoolOptions.of(options).maxOperator(Kernels.checked(name, kernel, axes));
    this.kernel = op.kernel();
    this.window = op.window();
  }

  /** At the smallest size that these many windows can come from. */
  public Tensor forward(Tensor input, Tensor indices) {
    int axes = kernel.size();
    if (input.dim() != axes + 1 && input.dim() != axes + 2) {
      throw TorchException.shape(
          getClass().getSimpleName(),
          "input",
          input.shape(),
          axes + 2 + " dimensions, or " + (axes + 1) + " without a batch");
    }
    long[] sizes = new long[axes];
    for (int i = 0; i < axes; i++) {
      long windows = input.size(input.dim() - axes + i);
      sizes[i] =
          (windows - 1) * window.stride().get(i) - 2 * window.padding().get(i) + kernel.get(i);
    }
    return F.maxUnpool(input, indices, sizes);
  }

  /**
   * At a given size.
   *
   * @param outputSize the size of the output, or its spatial part
   */
  public Tensor forward(Tensor input, Tensor indices, long... outputSize) {
    int axes = kernel.size();
    if (outputSize.length < axes) {
      throw TorchException.argument(
          getClass().getSimpleName(),
          "output_size",
          Arrays.toString(outputSize),
          "at least " + axes + " numbers");
    }
    int from = outputSize.length - axes;
    return F.maxUnpool(input, indices, Arrays.copyOfRange(outputSize, from, outputSize.length));
  }

  @Override
  protected String describe() {
    return Kernels.describe(kernel, window);
  }
}
