package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.AvgPool;
import dev.flambeau.torch.op.MaxPool;
import dev.flambeau.torch.op.Pad;
import dev.flambeau.torch.op.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Windows' means, maxima and norms. */
final class Pooling {
  private Pooling() {}

  static void register(Registry r) {
    r.mapAll("MaxPool", Pooling::max);
    r.map("MaxUnpool", since(9), Pooling::unpool);
    r.map("AveragePool", Pooling::average);
    r.map("LpPool", Pooling::norm);
    r.unary("GlobalAveragePool", x -> x.mean(spatial(x), true));
    r.unary("GlobalMaxPool", x -> x.amax(spatial(x), true));
    r.map("GlobalLpPool", Pooling::globalNorm);
  }

  private static int[] spatial(Tensor x) {
    if (x.dim() < 3) {
      throw TorchException.shape(
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

  /** Small integers are pooled as floats, which hold them, where their places are wanted, too. */
  static Tensor[] max(Call c) {
    List<Long> kernel = Windows.list(Windows.kernel(c));
    DType type = c.in(0).dtype();
    boolean ceil = c.node().flag("ceil_mode", false);
    Window w = Windows.of(c, c.in(0), Windows.kernel(c));
    if ((type == DType.U8 || type == DType.I8) && !c.wants(1) && !wide(w, kernel)) {
      MaxPool.OfBytes op = new MaxPool.OfBytes(new MaxPool(kernel, w, ceil));
      return new Tensor[] {Dispatcher.call(op, c.in(0)), null};
    }
    Tensor x = type.isFloat() ? c.in(0) : c.in(0).to(DType.F32);
    Tensor[] out;
    // The pooling operator bounds its padding by half the kernel; ONNX does not.
    if (wide(w, kernel) && !ceil) {
      Tensor all = Windows.padded(x, w.padding(), w.paddingEnd(), Double.NEGATIVE_INFINITY);
      out = Dispatcher.callAll(new MaxPool(kernel, unpadded(w), false), all);
      if (c.wants(1)) {
        throw c.bad("pads", w.padding(), "at most half the kernel where Indices are asked for");
      }
    } else {
      out = Dispatcher.callAll(new MaxPool(kernel, w, ceil), x);
    }
    if (c.wants(1)) {
      out[1] = places(c, x, out[1]);
    }
    return new Tensor[] {out[0].to(type), out[1]};
  }

  /** Places within the whole tensor, row-major, or column-major over the spatial axes. */
  private static Tensor places(Call c, Tensor x, Tensor within) {
    long area = x.numel() / Math.max(1, x.size(0) * x.size(1));
    Tensor plane = Torch.arange(x.size(0) * x.size(1)).mul(area);
    long[] sizes = new long[x.dim()];
    Arrays.fill(sizes, 1);
    sizes[0] = x.size(0);
    sizes[1] = x.size(1);
    Tensor place = within;
    if (c.node().flag("storage_order", false)) {
      place = within.zerosLike();
      Tensor rest = within;
      long step = area;
      for (int axis = x.dim() - 1; axis >= 2; axis--) {
        step /= x.size(axis);
        place = place.add(rest.remainder(x.size(axis)).mul(step));
        rest = rest.floorDivide(x.size(axis));
      }
    }
    return place.add(plane.reshape(sizes));
  }

  private static Tensor unpool(Call c) {
    Tensor x = c.in(0);
    long[] kernel = Windows.kernel(c);
    long[] strides = c.node().ints("strides", Windows.ones(kernel.length));
    long[] pads = c.node().ints("pads", new long[2 * kernel.length]);
    long[] sizes = x.shape().sizes();
    for (int i = 0; i < kernel.length; i++) {
      sizes[i + 2] =
          (sizes[i + 2] - 1) * strides[i] + kernel[i] - pads[i] - pads[i + kernel.length];
    }
    // Indices count in the natural output; a larger one is filled up at the end.
    long natural = Limits.checked(c.name(), sizes);
    long[] wanted = c.has(2) ? c.longs(2) : sizes;
    long all = Limits.checked(c.name(), wanted);
    Tensor flat = Torch.zeros(x.dtype(), Math.max(natural, all));
    Tensor filled = flat.scatter(0, c.in(1).reshape(-1), x.reshape(-1));
    if (!c.has(2) || Arrays.equals(wanted, sizes)) {
      return filled.narrow(0, 0, natural).reshape(sizes);
    }
    Tensor out = filled.narrow(0, 0, natural).reshape(sizes);
    List<Long> first = Collections.nCopies(x.dim(), 0L);
    List<Long> last = new ArrayList<>();
    for (int i = 0; i < wanted.length; i++) {
      last.add(wanted[i] - sizes[i]);
    }
    return Dispatcher.call(new Pad(first, last, 0), out);
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

  static Tensor average(Call c) {
    List<Long> kernel = Windows.list(Windows.kernel(c));
    Window w = Windows.of(c, c.in(0), Windows.kernel(c));
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
    Window w = Windows.of(c, c.in(0), Windows.kernel(c));
    Tensor x = Windows.padded(c.in(0), w.padding(), w.paddingEnd(), 0).abs().pow(p);
    boolean ceil = c.node().i("ceil_mode", 0) != 0;
    return Dispatcher.call(new AvgPool(kernel, unpadded(w), ceil, true, 1), x).pow(1 / p);
  }

  private static Tensor globalNorm(Call c) {
    double p = c.node().i("p", 2);
    return c.in(0).abs().pow(p).sum(spatial(c.in(0)), true).pow(1 / p);
  }
}
