package dev.flambeau.onnx;

import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Conv;
import dev.flambeau.torch.op.ConvTranspose;
import dev.flambeau.torch.op.Window;
import java.util.Arrays;

/** Conv and ConvTranspose over one to three spatial axes. */
final class Convolution {
  private Convolution() {}

  static void register(Registry r) {
    r.map("Conv", Convolution::conv);
    r.map("ConvTranspose", Convolution::transposed);
  }

  private static long[] kernel(Call c) {
    long[] sizes = c.in(1).shape().sizes();
    if (sizes.length < 3 || sizes.length > 5 || sizes.length != c.in(0).dim()) {
      throw c.bad(
          "X, W", c.in(0).shape() + ", " + c.in(1).shape(), "the same 3 to 5 axes for both");
    }
    return Arrays.copyOfRange(sizes, 2, sizes.length);
  }

  private static Tensor conv(Call c) {
    long[] kernel = kernel(c);
    Window window = Windows.of(c, kernel);
    long[] sizes = c.in(0).shape().sizes();
    sizes[1] = c.in(1).size(0);
    for (int i = 0; i < kernel.length; i++) {
      long padded = sizes[i + 2] + window.padding().get(i) + window.paddingEnd().get(i);
      sizes[i + 2] = padded / window.stride().get(i) + 1;
    }
    Limits.checked(c.name(), sizes);
    Conv conv = new Conv(window, c.node().i("group", 1));
    return c.has(2)
        ? Dispatcher.call(conv, c.in(0), c.in(1), c.in(2))
        : Dispatcher.call(conv, c.in(0), c.in(1));
  }

  private static Tensor transposed(Call c) {
    long[] kernel = kernel(c);
    if (!c.node().s("auto_pad", "NOTSET").equals("NOTSET") || c.node().has("output_shape")) {
      throw c.bad("auto_pad, output_shape", "given", "pads and output_padding");
    }
    Window window = Windows.of(c, kernel);
    long group = c.node().i("group", 1);
    long[] extra = c.node().ints("output_padding", new long[kernel.length]);
    if (extra.length != kernel.length) {
      throw c.bad("output_padding", Arrays.toString(extra), kernel.length + " numbers");
    }
    Shape x = c.in(0).shape();
    ConvTranspose op = ConvTranspose.of(window, group, extra, x, c.in(1).shape());
    Limits.checked(c.name(), op.output().sizes());
    Tensor y = Dispatcher.call(op, c.in(0), c.in(1));
    if (!c.has(2)) {
      return y;
    }
    long[] channel = new long[y.dim()];
    Arrays.fill(channel, 1);
    channel[1] = y.size(1);
    return y.add(c.in(2).reshape(channel));
  }
}
