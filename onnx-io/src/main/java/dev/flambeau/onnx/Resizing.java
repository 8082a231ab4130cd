package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.Arrays;
import java.util.List;

/** Pad, and Resize and Upsample by nearest neighbour or linear interpolation, axis by axis. */
final class Resizing {
  private Resizing() {}

  static void register(Registry r) {
    r.map("Pad", Resizing::pad);
    r.map("Resize", Resizing::resize);
    r.map("Upsample", Resizing::upsample);
  }

  /** Pads are attributes below operator set 11, inputs from then on, with axes from 18 on. */
  private static Tensor pad(Call c) {
    Tensor x = c.in(0);
    boolean inputs = c.opset() >= 11;
    long[] pads = inputs ? c.longs(1) : c.node().ints("pads", new long[0]);
    double value = inputs ? c.optionalScalar(2).orElse(0) : c.node().f("value", 0);
    int[] axes = java.util.stream.IntStream.range(0, x.dim()).toArray();
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
      return Dispatcher.call(
          new dev.flambeau.torch.op.Pad(List.of(before), List.of(after), value), x);
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

  private static Tensor upsample(Call c) {
    double[] scales = c.opset() >= 9 ? c.doubles(1) : c.node().floats("scales", new double[0]);
    return scaled(c, scales, null, "asymmetric", "floor");
  }

  private static Tensor resize(Call c) {
    boolean old = c.opset() < 11;
    int at = old ? 1 : 2;
    double[] scales = c.has(at) ? c.doubles(at) : new double[0];
    long[] sizes = c.has(3) ? c.longs(3) : null;
    boolean special =
        c.node().has("axes")
            || c.node().i("antialias", 0) != 0
            || !c.node().s("keep_aspect_ratio_policy", "stretch").equals("stretch");
    if (special) {
      throw c.bad("axes, antialias, keep_aspect_ratio_policy", "given", "their defaults");
    }
    String transform =
        c.node().s("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
    String nearest = c.node().s("nearest_mode", old ? "floor" : "round_prefer_floor");
    return scaled(c, scales, sizes, transform, nearest);
  }

  private static Tensor scaled(
      Call c, double[] scales, long[] wanted, String transform, String nearest) {
    Tensor x = c.in(0);
    int given = wanted != null ? wanted.length : scales.length;
    if (given != x.dim()) {
      throw c.bad("scales or sizes", given + " numbers", x.dim() + " numbers");
    }
    long[] sizes = x.shape().sizes();
    double[] factors = new double[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      factors[i] = wanted != null ? (double) wanted[i] / sizes[i] : scales[i];
      sizes[i] = wanted != null ? wanted[i] : (long) Math.floor(sizes[i] * scales[i]);
    }
    Limits.checked(c.name(), sizes);
    String mode = c.node().s("mode", "nearest");
    for (int axis = 0; axis < sizes.length; axis++) {
      if (factors[axis] == 1) {
        continue;
      }
      double[] at = new double[Math.toIntExact(sizes[axis])];
      for (int i = 0; i < at.length; i++) {
        at[i] = coordinate(c, transform, i, factors[axis], x.size(axis), sizes[axis]);
      }
      x =
          switch (mode) {
            case "nearest" -> nearest(c, x, axis, at, nearest);
            case "linear" -> linear(x, axis, at);
            default -> throw c.bad("mode", mode, "nearest or linear");
          };
    }
    return x;
  }

  private static double coordinate(
      Call c, String transform, int i, double scale, long from, long to) {
    return switch (transform) {
      case "half_pixel" -> (i + 0.5) / scale - 0.5;
      case "asymmetric" -> i / scale;
      case "pytorch_half_pixel" -> to > 1 ? (i + 0.5) / scale - 0.5 : 0;
      case "align_corners" -> to > 1 ? i * (from - 1.0) / (from * scale - 1) : 0;
      default ->
          throw c.bad(
              "coordinate_transformation_mode",
              transform,
              "half_pixel, asymmetric, pytorch_half_pixel, align_corners");
    };
  }

  private static Tensor nearest(Call c, Tensor x, int axis, double[] at, String mode) {
    long[] index = new long[at.length];
    for (int i = 0; i < at.length; i++) {
      double place =
          switch (mode) {
            case "floor" -> Math.floor(at[i]);
            case "ceil" -> Math.ceil(at[i]);
            case "round_prefer_floor" -> Math.ceil(at[i] - 0.5);
            case "round_prefer_ceil" -> Math.floor(at[i] + 0.5);
            default ->
                throw c.bad("nearest_mode", mode, "floor, ceil, round_prefer_floor or _ceil");
          };
      index[i] = Math.clamp((long) place, 0, x.size(axis) - 1);
    }
    return x.indexSelect(axis, Torch.tensor(index));
  }

  private static Tensor linear(Tensor x, int axis, double[] at) {
    long last = x.size(axis) - 1;
    long[] low = new long[at.length];
    long[] high = new long[at.length];
    double[] share = new double[at.length];
    for (int i = 0; i < at.length; i++) {
      double place = Math.clamp(at[i], 0.0, (double) last);
      low[i] = (long) Math.floor(place);
      high[i] = Math.min(low[i] + 1, last);
      share[i] = place - low[i];
    }
    long[] sizes = new long[x.dim()];
    Arrays.fill(sizes, 1);
    sizes[axis] = at.length;
    Tensor weight = Torch.tensor(share, sizes).to(x.dtype());
    Tensor a = x.indexSelect(axis, Torch.tensor(low));
    return a.add(x.indexSelect(axis, Torch.tensor(high)).sub(a).mul(weight));
  }
}
