package dev.flambeau.torch.nn;

import java.util.function.Consumer;

/** {@link FractionalMaxPool} over 2 spatial axes. PyTorch: {@code torch.nn.FractionalMaxPool2d}. */
public class FractionalMaxPool2d extends FractionalMaxPool {
  public FractionalMaxPool2d(long kernel, Consumer<Options> options) {
    this(cube(kernel, 2), options);
  }

  /**
   * The same.
   *
   * @param kernel its size along each spatial axis
   */
  public FractionalMaxPool2d(long[] kernel, Consumer<Options> options) {
    super(kernel, 2, options);
  }
}
