package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.AvgPool;
import dev.flambeau.torch.op.MaxPool;
import dev.flambeau.torch.op.Window;
import java.util.Collections;
import java.util.List;

/** Windows' means, maxima and norms. */
final class Pooling {
  private Pooling() {}

  static void register(Registry r) {
    r.map("MaxPool", Pooling::max);
    r.map("AveragePool", Pooling::average);
    r.map("LpPool", Pooling::norm);
    r.unary("GlobalAveragePool", x -> x.mean(spatial(x), true));
    r.unary("GlobalMaxPool", x -> x.amax(spatial(x), true));
    r.map("GlobalLpPool", Pooling::globalNorm);
  }

  private static int[] spatial(Tensor x) {
    if (x.dim() < 3) {
      throw dev.flambeau.torch.TorchException.shape(
          "ONNX global pooling", "X", x.shape(), "spatial axes after batch and channels");
    }
    return Call.spatial(x);
  }

  private static Window unpadded(Window w) {
    List<Long> none = Collections.nCopies(w.axes(), 0L);
    return new Window(w.stride(), none, none, w.dilation());
  }

  private static boolean padded(Window w) {
    return !w.padding().equals(unpadded(w).padding())
        || !w.paddingEnd().equals(unpadded(w).padding());
  }

  private static Tensor max(Call c) {
    List<Long> kernel = Windows.list(Windows.kernel(c));
    Window w = Windows.of(c, Windows.kernel(c));
    if (c.node().i("storage_order", 0) != 0 || c.node().outputs().size() > 1) {
      throw c.bad("outputs", "Indices", "the values alone");
    }
    // The pooling operator bounds its padding by half the kernel; ONNX does not.
    if (wide(w, kernel) && c.node().i("ceil_mode", 0) == 0) {
      Tensor x = Windows.padded(c.in(0), w.padding(), w.paddingEnd(), Double.NEGATIVE_INFINITY);
      return Dispatcher.callAll(new MaxPool(kernel, unpadded(w), false), x)[0];
    }
    boolean ceil = c.node().i("ceil_mode", 0) != 0;
    return Dispatcher.callAll(new MaxPool(kernel, w, ceil), c.in(0))[0];
  }

  private static boolean wide(Window w, List<Long> kernel) {
    for (int i = 0; i < kernel.size(); i++) {
      long reach = w.dilation().get(i) * (kernel.get(i) - 1) + 1;
      if (Math.max(w.padding().get(i), w.paddingEnd().get(i)) > reach / 2) {
        return true;
      }
    }
    return false;
  }

  private static Tensor average(Call c) {
    List<Long> kernel = Windows.list(Windows.kernel(c));
    Window w = Windows.of(c, Windows.kernel(c));
    boolean ceil = c.node().i("ceil_mode", 0) != 0;
    boolean count = c.node().i("count_include_pad", 0) != 0;
    if (!wide(w, kernel) || ceil || !padded(w)) {
      return Dispatcher.call(new AvgPool(kernel, w, ceil, count, 0), c.in(0));
    }
    AvgPool pool = new AvgPool(kernel, unpadded(w), false, true, 0);
    Tensor sum = Dispatcher.call(pool, Windows.padded(c.in(0), w.padding(), w.paddingEnd(), 0));
    if (count) {
      return sum;
    }
    Tensor ones = c.in(0).detach().onesLike();
    return sum.div(Dispatcher.call(pool, Windows.padded(ones, w.padding(), w.paddingEnd(), 0)));
  }

  private static Tensor norm(Call c) {
    double p = c.node().i("p", 2);
    List<Long> kernel = Windows.list(Windows.kernel(c));
    Window w = Windows.of(c, Windows.kernel(c));
    Tensor x = Windows.padded(c.in(0), w.padding(), w.paddingEnd(), 0).abs().pow(p);
    boolean ceil = c.node().i("ceil_mode", 0) != 0;
    return Dispatcher.call(new AvgPool(kernel, unpadded(w), ceil, true, 1), x).pow(1 / p);
  }

  private static Tensor globalNorm(Call c) {
    double p = c.node().i("p", 2);
    return c.in(0).abs().pow(p).sum(spatial(c.in(0)), true).pow(1 / p);
  }
}
