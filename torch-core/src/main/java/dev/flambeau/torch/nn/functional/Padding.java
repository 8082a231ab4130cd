package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Pad;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** What stands around the data; PyTorch: {@code mode} of {@code torch.nn.functional.pad}. */
public enum Padding {
  /** One number. */
  CONSTANT,
  /** The data mirrored at its edge, which is not repeated. */
  REFLECT,
  /** The edge. */
  REPLICATE,
  /** The data from the other side. */
  CIRCULAR;

  /** Pairs of numbers before and after, the last axis first; negative ones cut. */
  Tensor apply(Tensor x, double value, long[] pads) {
    if (pads.length % 2 != 0 || pads.length > 2 * x.dim()) {
      throw TorchException.argument(
          "pad",
          "pad",
          Arrays.toString(pads),
          "pairs of numbers for at most the " + x.dim() + " axes of the input");
    }
    if (this == CONSTANT) {
      return constant(x, value, pads);
    }
    return Dispatcher.composite(
        new Composites.Pad(this, each(x, pads, 0), each(x, pads, 1)), () -> padded(x, pads), x);
  }

  /** The numbers before or after, one an axis. */
  private static List<Long> each(Tensor x, long[] pads, int which) {
    List<Long> all = new ArrayList<>(Collections.nCopies(x.dim(), 0L));
    for (int i = 0; i < pads.length / 2; i++) {
      all.set(x.dim() - 1 - i, pads[2 * i + which]);
    }
    return all;
  }

  private Tensor padded(Tensor x, long[] pads) {
    Tensor y = x;
    for (int i = 0; i < pads.length / 2; i++) {
      int axis = x.dim() - 1 - i;
      if (pads[2 * i] != 0 || pads[2 * i + 1] != 0) {
        y = padded(y, axis, pads[2 * i], pads[2 * i + 1]);
      }
    }
    return y == x ? x.copy() : y;
  }

  private Tensor padded(Tensor x, int axis, long before, long after) {
    if (this != CIRCULAR || before >= 0 && after >= 0) {
      return x.indexSelect(axis, places(x.size(axis), before, after));
    }
    // What is cut does not come back from the other side.
    long cut = Math.max(-before, 0);
    long rest = x.size(axis) - cut - Math.max(-after, 0);
    Tensor kept = x.narrow(axis, cut, Math.max(rest, 0));
    return padded(kept, axis, Math.max(before, 0), Math.max(after, 0));
  }

  private static Tensor constant(Tensor x, double value, long[] pads) {
    return Dispatcher.call(new Pad(each(x, pads, 0), each(x, pads, 1), value), x);
  }

  /** Which element of an axis stands at each place of the padded one. */
  private Tensor places(long size, long before, long after) {
    long most =
        this == REFLECT ? size - 1 : this == CIRCULAR ? size : size == 0 ? 0 : Long.MAX_VALUE;
    if (before > most || after > most || size + before + after < 0) {
      throw TorchException.argument(
          "pad",
          "pad",
          before + ", " + after,
          "for " + name() + " at most " + most + ", and no more cut than the size " + size);
    }
    long[] places = new long[Math.toIntExact(size + before + after)];
    for (int i = 0; i < places.length; i++) {
      long at = i - before;
      places[i] =
          switch (this) {
            case REFLECT -> at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at;
            case CIRCULAR -> Math.floorMod(at, size);
            default -> Math.clamp(at, 0, size - 1);
          };
    }
    return Torch.tensor(places);
  }
}
