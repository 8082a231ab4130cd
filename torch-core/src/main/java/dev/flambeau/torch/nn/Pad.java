package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.Padding;
import java.util.Arrays;

/** Something around the last one to three axes. */
abstract class Pad extends Module {
  private final Padding mode;
  private final double value;
  private final long[] pads;
  private final int axes;

  /** One width for all sides, or pairs before and after, the last axis first. */
  Pad(Padding mode, double value, int axes, long... pads) {
    this.pads = Kernels.spread(getClass().getSimpleName(), "padding", pads, 2 * axes);
    this.mode = mode;
    this.value = value;
    this.axes = axes;
  }

  @Override
  public Tensor forward(Tensor input) {
    boolean constant = mode == Padding.CONSTANT;
    if (!constant && input.dim() != axes + 1 && input.dim() != axes + 2) {
      throw TorchException.shape(
          getClass().getSimpleName(),
          "input",
          input.shape(),
          axes + 2 + " dimensions, or " + (axes + 1) + " without a batch");
    }
    return F.pad(input, mode, value, pads);
  }

  /** The widths as Python prints them. */
  String widths() {
    return Kernels.tuple(Arrays.stream(pads).boxed().toList());
  }

  @Override
  protected String describe() {
    return widths();
  }
}
