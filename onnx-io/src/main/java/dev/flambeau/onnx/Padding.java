package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Pad;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Borders added and cut off. */
final class Padding {
  private Padding() {}

  static void register(Registry r) {
    r.map("Pad", Padding::pad);
    r.map("CenterCropPad", since(18), Padding::centre);
  }

  /** Pads are attributes below operator set 11, inputs from then on, with axes from 18 on. */
  private static Tensor pad(Call c) {
    Tensor x = c.in(0);
    boolean inputs = c.opset() >= 11;
    long[] pads =
        inputs ? c.longs(1) : c.node().ints(c.opset() < 2 ? "paddings" : "pads", new long[0]);
    double value = inputs ? c.optionalScalar(2).orElse(0) : c.node().f("value", 0);
    int[] axes = IntStream.range(0, x.dim()).toArray();
    if (c.has(3)) {
      axes = x.shape().axes(c.ints(c.longs(3)));
    }
    if (pads.length != 2 * axes.length) {
      throw c.bad("pads", Arrays.toString(pads), 2 * axes.length + " numbers");
    }
    Long[] before = new Long[x.dim()];
    Long[] after = new Long[x.dim()];
    Arrays.fill(before, 0L);
    Arrays.fill(after, 0L);
    long[] sizes = x.shape().sizes();
    for (int i = 0; i < axes.length; i++) {
      before[axes[i]] = pads[i];
      after[axes[i]] = pads[i + axes.length];
      long sum = Math.addExact(pads[i], pads[i + axes.length]);
      sizes[axes[i]] = Math.addExact(sizes[axes[i]], sum);
    }
    Limits.checked(c.name(), sizes);
    String mode = c.node().s("mode", "constant");
    if (mode.equals("constant")) {
      return Dispatcher.call(new Pad(List.of(before), List.of(after), value), x);
    }
    for (int axis = 0; axis < sizes.length; axis++) {
      if (before[axis] != 0 || after[axis] != 0) {
        x = x.indexSelect(axis, source(c, mode, x.size(axis), before[axis], sizes[axis]));
      }
    }
    return x;
  }

  private static Tensor source(Call c, String mode, long size, long before, long length) {
    if (size == 0) {
      throw c.bad("data", "an axis of size 0", "elements to repeat");
    }
    long[] index = new long[Math.toIntExact(length)];
    long period = Math.max(1, 2 * (size - 1));
    for (int i = 0; i < index.length; i++) {
      long at = i - before;
      index[i] =
          switch (mode) {
            case "edge" -> Math.clamp(at, 0, size - 1);
            case "wrap" -> Math.floorMod(at, size);
            case "reflect" -> {
              long folded = Math.floorMod(at, period);
              yield folded < size ? folded : period - folded;
            }
            default -> throw c.bad("mode", mode, "constant, edge, reflect, wrap");
          };
    }
    return Torch.tensor(index);
  }

  /** Half of what is missing or too much on each side; the odd one at the end. */
  private static Tensor centre(Call c) {
    Tensor x = c.in(0);
    long[] wanted = c.longs(1);
    int[] axes = IntStream.range(0, x.dim()).toArray();
    if (c.node().has("axes")) {
      axes = x.shape().axes(c.ints(c.node().ints("axes", null)));
    }
    if (wanted.length != axes.length) {
      throw c.bad("shape", Arrays.toString(wanted), axes.length + " numbers");
    }
    Long[] before = new Long[x.dim()];
    Long[] after = new Long[x.dim()];
    Arrays.fill(before, 0L);
    Arrays.fill(after, 0L);
    long[] sizes = x.shape().sizes();
    for (int i = 0; i < axes.length; i++) {
      long more = wanted[i] - sizes[axes[i]];
      before[axes[i]] = more > 0 ? more / 2 : -(-more / 2);
      after[axes[i]] = more - before[axes[i]];
      sizes[axes[i]] = wanted[i];
    }
    Limits.checked(c.name(), sizes);
    return Dispatcher.call(new Pad(List.of(before), List.of(after), 0), x);
  }
}
