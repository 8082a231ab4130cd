package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.linalg.Linalg;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Window;
import java.util.Arrays;

/**
 * Operators of com.microsoft of all kinds, many of which ONNX took over later. Source: onnxruntime,
 * docs/ContribOperators.md.
 */
final class MicrosoftOthers {
  private MicrosoftOthers() {}

  static void register(Registry r) {
    r.standard("Trilu", 14);
    r.standard("GatherND", 12);
    r.standard("Pad", 13);
    r.standard("GridSample", 16);
    r.standard("LinearAttention", 27);
    r.standard("CausalConvWithState", 27);
    r.mapAll("LinearAttentionGate", MicrosoftOthers::gates);
    r.map("ExpandDims", c -> c.in(0).unsqueeze(c.axis(c.scalarLong(1))));
    r.map("UnfoldTensor", MicrosoftOthers::unfold);
    r.map("Range", MicrosoftOthers::range);
    r.values("Unique", MicrosoftOthers::unique);
    r.unary("Inverse", Linalg::inv);
    r.map("CDist", MicrosoftOthers::distances);
    r.map("Rfft", MicrosoftOthers::spectrum);
    r.map("Irfft", MicrosoftOthers::signal);
    r.map("MaxpoolWithMask", MicrosoftOthers::maskedPool);
    r.map("CropAndResize", MicrosoftOthers::crops);
    r.map("ConvTransposeWithDynamicPads", MicrosoftOthers::transposed);
  }

  /** decay_scale softplus(a + dt_bias), and sigmoid(b). */
  private static Tensor[] gates(Call c) {
    Tensor decay = c.in(0).add(c.in(1)).apply(Pointwise.SOFTPLUS).mul(c.in(2));
    return new Tensor[] {decay, c.has(3) ? c.in(3).sigmoid() : null};
  }

  private static Tensor unfold(Call c) {
    long size = c.node().i("size", 0);
    long step = c.node().i("step", 1);
    Tensor x = c.in(0);
    int axis = x.shape().axis(c.axis(c.node().i("dim", -1)));
    if (size < 1 || step < 1 || size > x.size(axis)) {
      throw c.bad(
          "size, step", size + ", " + step, "1 or more within axis " + axis + " of " + x.shape());
    }
    Limits.checked(c.name(), x.numel(), size);
    return x.unfold(axis, size, step);
  }

  private static Tensor range(Call c) {
    Tensor y = c.has(2) ? Creation.range(c) : Creation.range(c.on(c.in(0), c.in(1), one(c.in(0))));
    return y.reshape(-1);
  }

  private static Tensor one(Tensor x) {
    return Torch.full(x.dtype(), 1);
  }

  /** In the order in which they occur: values, whose each is, counts. */
  private static OnnxValue[] unique(Call c) {
    OnnxValue[] out = Ordering.unique(c, false);
    return new OnnxValue[] {out[0], out[2], out[3]};
  }

  private static Tensor distances(Call c) {
    Tensor a = c.in(0);
    Tensor b = c.in(1);
    if (a.dim() != 2 || b.dim() != 2 || a.size(1) != b.size(1)) {
      throw c.bad("A, B", a.shape() + ", " + b.shape(), "(M, N), (K, N)");
    }
    Limits.checked(c.name(), a.size(0), b.size(0), a.size(1));
    Tensor squares = a.unsqueeze(1).sub(b.unsqueeze(0)).square().sum(2);
    return switch (c.node().s("metric", "sqeuclidean")) {
      case "sqeuclidean" -> squares;
      case "euclidean" -> squares.sqrt();
      default -> throw c.bad("metric", c.node().s("metric", ""), "sqeuclidean, euclidean");
    };
  }

  private static int signalAxes(Call c, Tensor x, int pairs) {
    long axes = c.node().i("signal_ndim", 1);
    if (axes < 1 || axes + pairs > x.dim() || !c.node().flag("onesided", true)) {
      throw c.bad("signal_ndim, onesided", axes, "1 to " + (x.dim() - pairs) + " axes, one-sided");
    }
    return (int) axes;
  }

  /** The last axes of x transformed, half of the last one: (..., n / 2 + 1, 2). */
  private static Tensor spectrum(Call c) {
    int axes = signalAxes(c, c.in(0), 0);
    Tensor x = c.in(0).unsqueeze(-1);
    int last = x.dim() - 2;
    Tensor y = Signals.transformed(x, last, false).narrow(last, 0, x.size(last) / 2 + 1);
    for (int i = 1; i < axes; i++) {
      y = Signals.transformed(y, last - i, false);
    }
    return y;
  }

  /** What {@link #spectrum} gives back to an even number of elements. */
  private static Tensor signal(Call c) {
    Tensor x = c.in(0);
    int axes = signalAxes(c, x, 1);
    int last = x.dim() - 2;
    for (int i = axes - 1; i > 0; i--) {
      x = Signals.transformed(x, last - i, true);
    }
    long length = 2 * (x.size(last) - 1);
    return Signals.transformed(Signals.mirrored(x, last, length), last, true).select(-1, 0);
  }

  /**
   * Maxima of windows whose rows end before the first element that the mask leaves out; the first
   * element of a plane always counts.
   */
  private static Tensor maskedPool(Call c) {
    long[] kernel = Windows.kernel(c);
    Tensor x = c.in(0);
    Tensor mask = c.in(1).ne(0).to(x.dtype());
    if (mask.dim() != x.dim()) {
      throw c.bad("M", mask.shape(), "as many axes as " + x.shape());
    }
    Window w = Windows.of(c, x, kernel);
    Tensor windows = Windows.padded(x, w.padding(), w.paddingEnd(), -Float.MAX_VALUE);
    Tensor seen = Windows.padded(mask, w.padding(), w.paddingEnd(), 1);
    if (kernel.length > 1) {
      Tensor first = Torch.arange(area(mask)).eq(0).reshape(planes(mask));
      Tensor inside = Windows.padded(first.to(x.dtype()), w.padding(), w.paddingEnd(), 0);
      seen = seen.maximum(inside);
    }
    for (int i = 0; i < kernel.length; i++) {
      windows = windows.unfold(i + 2, kernel[i], w.stride().get(i));
      seen = seen.unfold(i + 2, kernel[i], w.stride().get(i));
    }
    Limits.checked(c.name(), windows.shape().sizes());
    Tensor kept = seen.cumprod(-1).ne(0);
    Tensor values = Torch.where(kept, windows, Torch.full(x.dtype(), -Float.MAX_VALUE));
    int[] within = new int[kernel.length];
    Arrays.setAll(within, i -> -1 - i);
    return values.amax(within, false);
  }

  private static long area(Tensor x) {
    return Arrays.stream(x.shape().sizes()).skip(2).reduce(1, (a, b) -> a * b);
  }

  /** One plane of x. */
  private static long[] planes(Tensor x) {
    long[] sizes = x.shape().sizes();
    sizes[0] = 1;
    sizes[1] = 1;
    return sizes;
  }

  /**
   * Boxes (R, 4) as y1 x1 y2 x2, 1 being the last row or column, of samples (R) of x (N, C, H, W)
   * as pictures (R, C, h, w); corners are aligned.
   */
  private static Tensor crops(Call c) {
    Tensor x = c.in(0);
    Tensor boxes = c.in(1).detach();
    long[] size = c.longs(3);
    if (x.dim() != 4 || boxes.dim() != 2 || boxes.size(1) != 4 || size.length != 2) {
      throw c.bad("X, rois", x.shape() + ", " + boxes.shape(), "(N, C, H, W), (R, 4), two sizes");
    }
    Limits.checked(c.name(), boxes.size(0), x.size(1), size[0], size[1], 4);
    Tensor y = line(boxes, 0, x.size(2), size[0]).unsqueeze(2);
    Tensor at = line(boxes, 1, x.size(3), size[1]).unsqueeze(1);
    Tensor sample = Indexing.wrapped(c.in(2), x.size(0)).reshape(-1, 1, 1);
    Tensor pixels = x.permute(0, 2, 3, 1).reshape(-1, x.size(1));
    Picture picture = new Picture(pixels, sample, x.size(2), x.size(3));
    Tensor out;
    switch (c.node().s("mode", "bilinear")) {
      case "bilinear" -> {
        Tensor down = y.sub(y.floor()).unsqueeze(3);
        Tensor right = at.sub(at.floor()).unsqueeze(3);
        Tensor top =
            mixed(picture.at(y.floor(), at.floor()), picture.at(y.floor(), at.ceil()), right);
        Tensor bottom =
            mixed(picture.at(y.ceil(), at.floor()), picture.at(y.ceil(), at.ceil()), right);
        out = mixed(top, bottom, down);
      }
      case "nearest" -> out = picture.at(y.add(0.5).floor(), at.add(0.5).floor());
      default -> throw c.bad("mode", c.node().s("mode", ""), "bilinear, nearest");
    }
    Tensor inside = inside(y, x.size(2)).logicalAnd(inside(at, x.size(3))).unsqueeze(3);
    Tensor outside = Torch.full(x.dtype(), c.node().f("extrapolation_value", 0));
    return Torch.where(inside, out, outside).permute(0, 3, 1, 2);
  }

  private static Tensor inside(Tensor at, long size) {
    return at.ge(0).logicalAnd(at.le(size - 1));
  }

  private static Tensor mixed(Tensor a, Tensor b, Tensor share) {
    return a.add(b.sub(a).mul(share));
  }

  /** Places (R, count) along an axis of {@code size} pixels. */
  private static Tensor line(Tensor boxes, int axis, long size, long count) {
    Tensor from = boxes.narrow(1, axis, 1).mul(size - 1);
    Tensor to = boxes.narrow(1, axis + 2, 1).mul(size - 1);
    return count > 1
        ? from.add(Torch.arange(count).to(boxes.dtype()).mul(to.sub(from).div(count - 1)))
        : from.add(to).div(2);
  }

  /** Pixels (N H W, C) read at places; those outside are moved to the border. */
  private record Picture(Tensor pixels, Tensor sample, long height, long width) {
    Tensor at(Tensor y, Tensor x) {
      Tensor row = sample.mul(height).add(y.clamp(0, height - 1).to(DType.I64));
      Tensor place = row.mul(width).add(x.clamp(0, width - 1).to(DType.I64));
      return pixels
          .indexSelect(0, place.reshape(-1))
          .reshape(place.size(0), place.size(1), place.size(2), pixels.size(1));
    }
  }

  /** The pads are the third input, the bias is the fourth. */
  private static Tensor transposed(Call c) {
    long[] pads = c.has(2) ? c.longs(2) : new long[2 * Math.max(0, c.in(1).dim() - 2)];
    return Convolution.transposed(c.on(c.in(0), c.in(1), c.has(3) ? c.in(3) : null), pads);
  }
}
