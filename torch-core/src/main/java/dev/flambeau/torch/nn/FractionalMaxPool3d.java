package dev.flambeau.torch.nn;

import java.util.function.Consumer;

/** {@link FractionalMaxPool} over 3 spatial axes. PyTorch: {@code torch.nn.FractionalMaxPool3d}. */
public class FractionalMaxPool3d extends FractionalMaxPool {
  public FractionalMaxPool3d(long kernel, Consumer<Options> options) {
    this(cube(kernel, 3), options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public FractionalMaxPool3d(long[] kernel, Consumer<Options> options) {
    super(kernel, 3, options);
  }
}
