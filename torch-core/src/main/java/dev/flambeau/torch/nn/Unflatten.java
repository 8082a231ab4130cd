package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.Arrays;

/** Splits an axis into several; one size may be -1. PyTorch: {@code torch.nn.Unflatten}. */
public class Unflatten extends Module {
  private final int axis;
  private final long[] sizes;

  public Unflatten(int axis, long... sizes) {
    this.axis = axis;
    this.sizes = sizes.clone();
  }

  @Override
  public Tensor forward(Tensor input) {
    return input.unflatten(axis, sizes);
  }

  @Override
  protected String describe() {
    return "dim="
        + axis
        + ", unflattened_size="
        + Kernels.tuple(Arrays.stream(sizes).boxed().toList());
  }
}
