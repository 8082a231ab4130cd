package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Resize and Upsample: axis by axis, each place of the output is a weighted sum of a few places of
 * the input. Source: ONNX's operator text and its reference implementation's formulas.
 */
final class Resizing {
  private Resizing() {}

  static void register(Registry r) {
    r.map("Resize", Registry.since(10), Resizing::resize);
    r.map("Upsample", Resizing::upsample);
  }

  /** What the attributes and inputs say: one entry an axis of the input. */
  private record Plan(
      long[] sizes, double[] scales, double[] start, double[] end, String transform) {}

  private static Tensor upsample(Call c) {
    Tensor x = c.in(0);
    double[] scales = c.opset() >= 9 ? c.doubles(1) : c.node().floats("scales", new double[0]);
    if (c.opset() < 7 && scales.length == 0) {
      double height = c.node().f("height_scale", 1);
      scales = new double[] {1, 1, height, c.node().f("width_scale", 1)};
    }
    int[] axes = IntStream.range(0, x.dim()).toArray();
    return resized(c, plan(c, axes, scales, null, null, "asymmetric"), "floor");
  }

  /** Operator set 10 has scales alone and one transformation; later ones what attributes say. */
  private static Tensor resize(Call c) {
    Tensor x = c.in(0);
    boolean old = c.opset() < 11;
    int at = old ? 1 : 2;
    int[] axes = IntStream.range(0, x.dim()).toArray();
    if (c.node().has("axes")) {
      axes = x.shape().axes(c.ints(c.node().ints("axes", null)));
    }
    double[] scales = c.has(at) ? c.doubles(at) : new double[0];
    long[] sizes = c.has(3) ? c.longs(3) : null;
    double[] region = !old && c.has(1) ? c.doubles(1) : new double[0];
    String transform =
        old ? "asymmetric" : c.node().s("coordinate_transformation_mode", "half_pixel");
    Plan plan = plan(c, axes, scales, sizes, region, transform);
    return resized(c, plan, old ? "floor" : c.node().s("nearest_mode", "round_prefer_floor"));
  }

  private static Plan plan(
      Call c, int[] axes, double[] scales, long[] wanted, double[] region, String transform) {
    Tensor x = c.in(0);
    int given = wanted != null ? wanted.length : scales.length;
    if (given != axes.length) {
      throw c.bad("scales or sizes", given + " numbers", axes.length + " numbers");
    }
    long[] sizes = x.shape().sizes();
    double[] factors = new double[sizes.length];
    double[] start = new double[sizes.length];
    double[] end = new double[sizes.length];
    Arrays.fill(factors, 1);
    Arrays.fill(end, 1);
    double common = wanted == null ? 0 : common(c, axes, wanted);
    boolean crop = transform.equals("tf_crop_and_resize");
    for (int i = 0; i < axes.length; i++) {
      int axis = axes[i];
      long size = x.size(axis);
      if (crop) {
        start[axis] = region[i];
        end[axis] = region[i + axes.length];
      }
      if (wanted == null) {
        factors[axis] = scales[i];
        sizes[axis] = (long) Math.floor(size * scales[i] * (end[axis] - start[axis]));
      } else {
        factors[axis] = common == 0 ? (double) wanted[i] / size : common;
        sizes[axis] = common == 0 ? wanted[i] : (long) Math.floor(size * common + 0.5);
      }
    }
    Limits.checked(c.name(), sizes);
    return new Plan(sizes, factors, start, end, transform);
  }

  /** The scale that keeps the aspect ratio; 0 if it need not be kept. */
  private static double common(Call c, int[] axes, long[] wanted) {
    String policy = c.node().s("keep_aspect_ratio_policy", "stretch");
    var ratios =
        IntStream.range(0, axes.length)
            .mapToDouble(i -> (double) wanted[i] / c.in(0).size(axes[i]));
    return switch (policy) {
      case "not_larger" -> ratios.min().orElse(0);
      case "not_smaller" -> ratios.max().orElse(0);
      default -> 0;
    };
  }

  private static Tensor resized(Call c, Plan plan, String nearest) {
    Tensor x = c.in(0);
    DType type = x.dtype();
    String mode = c.node().s("mode", "nearest");
    boolean still = mode.equals("nearest");
    Tensor y = still || type.isFloat() ? x : x.to(DType.F32);
    for (int axis = 0; axis < plan.sizes.length; axis++) {
      if (plan.scales[axis] == 1 && plan.start[axis] == 0 && plan.end[axis] == 1) {
        continue;
      }
      double[] at = new double[Math.toIntExact(plan.sizes[axis])];
      for (int i = 0; i < at.length; i++) {
        at[i] = coordinate(c, plan, axis, i, x.size(axis));
      }
      Tensor line = still ? nearest(c, y, axis, at, nearest) : summed(c, y, axis, at, plan);
      y = plan.transform.equals("tf_crop_and_resize") ? outside(c, line, axis, at, x) : line;
    }
    return y.to(type);
  }

  private static double coordinate(Call c, Plan plan, int axis, int i, long from) {
    double scale = plan.scales[axis];
    long to = plan.sizes[axis];
    return switch (plan.transform) {
      case "half_pixel" -> (i + 0.5) / scale - 0.5;
      case "half_pixel_symmetric" -> {
        double centre = from / 2.0;
        yield centre * (1 - to / (scale * from)) + (i + 0.5) / scale - 0.5;
      }
      case "asymmetric" -> i / scale;
      case "pytorch_half_pixel" -> to > 1 ? (i + 0.5) / scale - 0.5 : 0;
      case "tf_half_pixel_for_nn" -> (i + 0.5) / scale;
      case "align_corners" -> to > 1 ? i * (from - 1.0) / (from * scale - 1) : 0;
      case "tf_crop_and_resize" -> {
        double first = plan.start[axis];
        double last = plan.end[axis];
        yield to > 1
            ? first * (from - 1) + i * (last - first) * (from - 1) / (to - 1)
            : 0.5 * (first + last) * (from - 1);
      }
      default ->
          throw c.bad(
              "coordinate_transformation_mode",
              plan.transform,
              "half_pixel, half_pixel_symmetric, asymmetric, pytorch_half_pixel, align_corners,"
                  + " tf_half_pixel_for_nn, tf_crop_and_resize");
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

  private static Tensor summed(Call c, Tensor x, int axis, double[] at, Plan plan) {
    boolean antialias = c.node().flag("antialias", false);
    double shrink = antialias ? Math.min(plan.scales[axis], 1) : 1;
    boolean cubic =
        switch (c.node().s("mode", "")) {
          case "linear", "bilinear" -> false;
          case "cubic" -> true;
          default -> throw c.bad("mode", c.node().s("mode", ""), "nearest, linear, cubic");
        };
    double a = c.node().f("cubic_coeff_a", -0.75);
    boolean only = c.node().flag("exclude_outside", false);
    int first = (int) Math.floor((cubic ? -2 : -1) / shrink) + 1;
    int taps = 2 - 2 * first;
    long[][] index = new long[taps][at.length];
    double[][] weight = new double[taps][at.length];
    for (int i = 0; i < at.length; i++) {
      double floor = Math.floor(at[i]);
      double sum = 0;
      for (int k = 0; k < taps; k++) {
        long place = (long) floor + first + k;
        boolean inside = place >= 0 && place < x.size(axis);
        double distance = Math.abs((place - at[i]) * shrink);
        weight[k][i] = only && !inside ? 0 : cubic ? cubic(distance, a) : Math.max(0, 1 - distance);
        index[k][i] = Math.clamp(place, 0, x.size(axis) - 1);
        sum += weight[k][i];
      }
      for (int k = 0; k < taps && (only || antialias) && sum != 0; k++) {
        weight[k][i] /= sum;
      }
    }
    long[] sizes = new long[x.dim()];
    Arrays.fill(sizes, 1);
    sizes[axis] = at.length;
    Tensor total = null;
    for (int k = 0; k < taps; k++) {
      Tensor part =
          x.indexSelect(axis, Torch.tensor(index[k]))
              .mul(Torch.tensor(weight[k], sizes).to(x.dtype()));
      total = total == null ? part : total.add(part);
    }
    return total;
  }

  /** Keys' kernel (Keys 1981). */
  private static double cubic(double x, double a) {
    if (x <= 1) {
      return ((a + 2) * x - (a + 3)) * x * x + 1;
    }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
  }

  /** Where the crop reaches beyond the picture there is a constant. */
  private static Tensor outside(Call c, Tensor y, int axis, double[] at, Tensor x) {
    boolean[] beyond = new boolean[at.length];
    for (int i = 0; i < at.length; i++) {
      beyond[i] = at[i] < 0 || at[i] > x.size(axis) - 1;
    }
    long[] sizes = new long[y.dim()];
    Arrays.fill(sizes, 1);
    sizes[axis] = at.length;
    double value = c.node().f("extrapolation_value", 0);
    return y.maskedFill(Torch.tensor(beyond, sizes), value);
  }
}
