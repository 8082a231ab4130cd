package dev.flambeau.onnx;

import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Conv;
import dev.flambeau.torch.op.ConvTranspose;
import dev.flambeau.torch.op.Pad;
import dev.flambeau.torch.op.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Conv and ConvTranspose over one to three spatial axes. */
final class Convolution {
  private Convolution() {}

  static void register(Registry r) {
    r.map("Conv", Convolution::conv);
    r.map("ConvTranspose", Convolution::transposed);
  }

  static long[] kernel(Call c, Tensor x, Tensor w) {
    long[] sizes = w.shape().sizes();
    if (sizes.length < 3 || sizes.length > 5 || sizes.length != x.dim()) {
      throw c.bad("X, W", x.shape() + ", " + w.shape(), "the same 3 to 5 axes for both");
    }
    return Arrays.copyOfRange(sizes, 2, sizes.length);
  }

  /** The window of a convolution, whose result is bounded in size. */
  static Window window(Call c, Tensor x, Tensor w) {
    long[] kernel = kernel(c, x, w);
    Window window = Windows.of(c, x, kernel);
    long[] sizes = x.shape().sizes();
    sizes[1] = w.size(0);
    for (int i = 0; i < kernel.length; i++) {
      long padded = sizes[i + 2] + window.padding().get(i) + window.paddingEnd().get(i);
      sizes[i + 2] = padded / window.stride().get(i) + 1;
    }
    Limits.checked(c.name(), sizes);
    return window;
  }

  static Tensor conv(Call c) {
    Conv conv = new Conv(window(c, c.in(0), c.in(1)), c.node().i("group", 1));
    return c.has(2)
        ? Dispatcher.call(conv, c.in(0), c.in(1), c.in(2))
        : Dispatcher.call(conv, c.in(0), c.in(1));
  }

  private static Tensor transposed(Call c) {
    return transposed(c, c.node().ints("pads", new long[2 * Math.max(0, c.in(1).dim() - 2)]));
  }

  /** With pads from elsewhere. */
  static Tensor transposed(Call c, long[] given) {
    Tensor x = c.in(0);
    long[] kernel = kernel(c, x, c.in(1));
    int axes = kernel.length;
    long[] strides = c.node().ints("strides", Windows.ones(axes));
    long[] dilations = c.node().ints("dilations", Windows.ones(axes));
    long[] extra = c.node().ints("output_padding", new long[axes]);
    long[] pads = given.clone();
    long[] wanted = c.node().ints("output_shape", new long[0]);
    String auto = c.node().s("auto_pad", "NOTSET");
    if (extra.length != axes
        || strides.length != axes
        || dilations.length != axes
        || pads.length != 2 * axes
        || wanted.length != 0 && wanted.length != axes) {
      throw c.bad("strides, dilations, pads", "of other lengths", "a number an axis, two for pads");
    }
    if (auto.equals("VALID")) {
      Arrays.fill(pads, 0);
    }
    for (int i = 0; i < axes; i++) {
      long full = (x.size(i + 2) - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 + extra[i];
      boolean same = auto.startsWith("SAME");
      if (wanted.length > 0 || same) {
        long size = wanted.length > 0 ? wanted[i] : x.size(i + 2) * strides[i];
        long total = full - size;
        // What cannot be cut off is added at the end instead.
        extra[i] += Math.max(0, -total);
        total = Math.max(0, total);
        boolean more = auto.equals("SAME_UPPER");
        pads[i] = more ? total / 2 : total - total / 2;
        pads[i + axes] = total - pads[i];
      }
    }
    return transposed(c, strides, dilations, pads, extra);
  }

  private static Tensor transposed(
      Call c, long[] strides, long[] dilations, long[] pads, long[] extra) {
    int axes = strides.length;
    boolean direct = Arrays.stream(pads).allMatch(p -> p >= 0);
    for (int i = 0; i < axes; i++) {
      direct &= extra[i] < Math.max(strides[i], dilations[i]);
    }
    long[] none = new long[2 * axes];
    Tensor y =
        direct
            ? transposedFully(c, strides, dilations, pads, extra)
            : cropped(transposedFully(c, strides, dilations, none, none), pads, extra);
    if (!c.has(2)) {
      return y;
    }
    long[] channel = new long[y.dim()];
    Arrays.fill(channel, 1);
    channel[1] = y.size(1);
    return y.add(c.in(2).reshape(channel));
  }

  private static Tensor transposedFully(
      Call c, long[] strides, long[] dilations, long[] pads, long[] extra) {
    int axes = strides.length;
    Window window =
        new Window(
            Windows.list(strides),
            Windows.list(Arrays.copyOf(pads, axes)),
            Windows.list(Arrays.copyOfRange(pads, axes, 2 * axes)),
            Windows.list(dilations));
    Shape x = c.in(0).shape();
    ConvTranspose op = ConvTranspose.of(window, c.node().i("group", 1), extra, x, c.in(1).shape());
    Limits.checked(c.name(), op.output().sizes());
    return Dispatcher.call(op, c.in(0), c.in(1));
  }

  /** Pads that add instead of cutting off, and long ends, are not the operator's own. */
  private static Tensor cropped(Tensor y, long[] pads, long[] extra) {
    List<Long> first = new ArrayList<>(List.of(0L, 0L));
    List<Long> last = new ArrayList<>(List.of(0L, 0L));
    for (int i = 0; i < extra.length; i++) {
      first.add(-pads[i]);
      last.add(extra[i] - pads[i + extra.length]);
    }
    return Dispatcher.call(new Pad(first, last, 0), y);
  }
}
