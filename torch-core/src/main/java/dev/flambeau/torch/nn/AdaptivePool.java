package dev.flambeau.torch.nn;

import java.util.Arrays;

/** Parts of each spatial axis, as many as asked for and as equal as possible. */
abstract class AdaptivePool extends Module {
  private final long[] sizes;

  /** One size for all axes or one for each; -1 keeps the input's. */
  AdaptivePool(int axes, long... sizes) {
    this.sizes = Kernels.spread(getClass().getSimpleName(), "output_size", sizes, axes);
  }

  long[] sizes() {
    return sizes;
  }

  @Override
  protected String describe() {
    return "output_size="
        + Kernels.text(Arrays.stream(sizes).boxed().toList()).replace("-1", "None");
  }
}
