package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Pad;
import dev.flambeau.torch.op.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The sliding window of a convolution or pooling node. */
final class Windows {
  private Windows() {}

  static List<Long> list(long[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  static long[] ones(int axes) {
    long[] out = new long[axes];
    Arrays.fill(out, 1);
    return out;
  }

  static long[] kernel(Call c) {
    long[] kernel = c.node().ints("kernel_shape", new long[0]);
    int axes = c.in(0).dim() - 2;
    if (kernel.length != axes || axes < 1 || Arrays.stream(kernel).anyMatch(k -> k < 1)) {
      throw c.bad("kernel_shape", Arrays.toString(kernel), Math.max(1, axes) + " positive numbers");
    }
    return kernel;
  }

  /** Steps, padding (given or by {@code auto_pad}) and dilation; bounded in size. */
  static Window of(Call c, Tensor x, long[] kernel) {
    int axes = kernel.length;
    long[] strides = c.node().ints("strides", ones(axes));
    long[] dilations = c.node().ints("dilations", ones(axes));
    long[] pads = c.node().ints("pads", new long[2 * axes]);
    if (x.dim() != axes + 2 || strides.length != axes || dilations.length != axes) {
      throw c.bad("strides, dilations", "not one number a spatial axis", axes + " numbers each");
    }
    if (pads.length != 2 * axes) {
      throw c.bad("pads", Arrays.toString(pads), 2 * axes + " numbers");
    }
    List<Long> before = new ArrayList<>();
    List<Long> after = new ArrayList<>();
    String auto = c.node().s("auto_pad", "NOTSET");
    long[] padded = new long[axes + 1];
    padded[0] = Math.multiplyExact(x.size(0), Math.max(1, x.size(1)));
    for (int i = 0; i < axes; i++) {
      long[] pad = {pads[i], pads[i + axes]};
      if (auto.startsWith("SAME")) {
        pad = same(c, x, i, kernel[i], strides[i], dilations[i], auto.equals("SAME_LOWER"));
      } else if (auto.equals("VALID")) {
        pad = new long[2];
      }
      before.add(pad[0]);
      after.add(pad[1]);
      padded[i + 1] = Math.addExact(x.size(i + 2), Math.addExact(pad[0], pad[1]));
    }
    Limits.checked(c.name(), padded);
    return new Window(list(strides), before, after, list(dilations));
  }

  private static long[] same(
      Call c, Tensor x, int axis, long kernel, long stride, long dilation, boolean lower) {
    if (stride < 1 || dilation < 1) {
      throw c.bad("strides, dilations", stride + ", " + dilation, "positive numbers");
    }
    long size = x.size(axis + 2);
    long reach = Math.addExact(Math.multiplyExact(kernel - 1, dilation), 1);
    long total = Math.max(0, (Math.ceilDiv(size, stride) - 1) * stride + reach - size);
    long less = total / 2;
    return lower ? new long[] {total - less, less} : new long[] {less, total - less};
  }

  /** Zeros (or {@code value}) around the spatial axes, for windows whose operator cannot pad so. */
  static Tensor padded(Tensor x, List<Long> before, List<Long> after, double value) {
    List<Long> first = new ArrayList<>(List.of(0L, 0L));
    List<Long> last = new ArrayList<>(List.of(0L, 0L));
    first.addAll(before);
    last.addAll(after);
    return Dispatcher.call(new Pad(first, last, value), x);
  }
}
