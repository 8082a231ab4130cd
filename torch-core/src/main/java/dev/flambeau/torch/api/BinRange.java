package dev.flambeau.torch.api;

import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;

/** What equal bins divide: two numbers without dimensions. */
record BinRange(Tensor low, Tensor high) {
  /**
   * The range of a vector that is not empty; around a single value, that much more on each side.
   */
  static BinRange of(Tensor x, double around) {
    Tensor low = x.amin();
    Tensor high = x.amax();
    Tensor single = low.eq(high);
    return new BinRange(
        Elementwise.where(single, low.sub(around), low),
        Elementwise.where(single, high.add(around), high));
  }

  /** Refuses an empty or infinite range. */
  void check(String operator) {
    if (Mode.checking()) {
      double from = low.item();
      double to = high.item();
      if (!(from < to) || Double.isInfinite(to - from)) {
        throw TorchException.argument(
            operator, "min, max", from + ", " + to, "finite numbers, min below max");
      }
    }
  }

  /** The edges of equal bins, from both ends, so that the last is exact. */
  Tensor edges(long bins) {
    Tensor i = Torch.arange(bins + 1).to(low.dtype());
    Tensor step = high.sub(low).div(bins);
    Tensor first = low.add(step.mul(i));
    Tensor last = high.sub(step.mul(i.rsub(bins)));
    return Elementwise.where(i.lt((double) ((bins + 1) / 2)), first, last);
  }
}
