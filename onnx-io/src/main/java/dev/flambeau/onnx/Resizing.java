package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.op.Resample;
import dev.flambeau.torch.op.Resample.Taps;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Resize and Upsample: each place of the output is a weighted sum of a few places of the input,
 * axis by axis; linear pictures, at once along both axes and in ONNX Runtime's float numbers, are
 * the same as there to the last bit, on which quantized networks build. Sources: ONNX's operator
 * text and its reference implementation's formulas; ONNX Runtime's {@code upsamplebase.h}.
 */
final class Resizing {
  /** What float numbers may be off where two elements are equally near; ONNX Runtime's measure. */
  private static final double TIE = 1e-6;

  private Resizing() {}

  static void register(Registry r) {
    r.map("Resize", Registry.since(10), Resizing::resize);
    r.map("Upsample", Resizing::upsample);
  }

  /** What the attributes and inputs say: one entry an axis of the input. */
  private record Plan(
      long[] sizes, double[] scales, double[] start, double[] end, String transform) {
    boolean changes(int axis) {
      return scales[axis] != 1 || start[axis] != 0 || end[axis] != 1;
    }
  }

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
        sizes[axis] = scaled(size, scales[i] * (end[axis] - start[axis]));
      } else {
        factors[axis] = common == 0 ? (double) wanted[i] / size : common;
        sizes[axis] = common == 0 ? wanted[i] : (long) Math.floor(size * common + 0.5);
      }
    }
    Limits.checked(c.name(), sizes);
    for (int axis : axes) {
      if (x.size(axis) == 0 && sizes[axis] > 0) {
        throw c.bad("sizes", Arrays.toString(sizes), "0 where there is nothing in " + x.shape());
      }
    }
    return new Plan(sizes, factors, start, end, transform);
  }

  /** In float numbers, as ONNX's shape inference and ONNX Runtime have it. */
  static long scaled(long size, double scale) {
    return (long) Math.floor((float) (size * scale));
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
    Tensor y = still || type == DType.F64 ? x : x.to(DType.F32);
    int[] axes = IntStream.range(0, x.dim()).filter(plan::changes).toArray();
    int[] picture = picture(c, plan, axes);
    if (picture.length > 0) {
      y = Resample.along(y, neighbours(c, plan, picture[0]), neighbours(c, plan, picture[1]));
    }
    for (int axis : axes) {
      float[] at = coordinates(c, plan, axis);
      if (picture.length == 0) {
        y =
            still
                ? nearest(c, y, axis, at, nearest)
                : Resample.along(y, taps(c, y.size(axis), axis, at, plan));
      }
      y = plan.transform.equals("tf_crop_and_resize") ? outside(c, y, axis, at, x) : y;
    }
    return y.to(type);
  }

  /** The two axes of a picture, or a batch of them, of which nothing else changes; else none. */
  private static int[] picture(Call c, Plan plan, int[] axes) {
    int rank = c.in(0).dim();
    boolean linear = c.node().s("mode", "nearest").endsWith("linear");
    boolean plain = !c.node().flag("antialias", false) && !c.node().flag("exclude_outside", false);
    if (!linear || !plain || axes.length == 0 || rank != 2 && rank != 4) {
      return new int[0];
    }
    // Channels first, or last.
    for (int first = rank - 2; first >= rank / 4; first--) {
      if (axes[0] >= first && axes[axes.length - 1] <= first + 1) {
        return new int[] {first, first + 1};
      }
    }
    return new int[0];
  }

  /** Places and weights are Java's. */
  private static void room(Call c, double taps, long length) {
    if (16 * taps * (length + 4) > Limits.heap()) {
      throw c.bad(
          "sizes", taps + " taps of " + length + " elements", "fewer than fit into the heap");
    }
  }

  private static float[] coordinates(Call c, Plan plan, int axis) {
    room(c, 2, plan.sizes[axis]);
    float[] at = new float[Math.toIntExact(plan.sizes[axis])];
    for (int i = 0; i < at.length; i++) {
      at[i] = plan.changes(axis) ? coordinate(c, plan, axis, i, c.in(0).size(axis)) : i;
    }
    return at;
  }

  private static float coordinate(Call c, Plan plan, int axis, int i, long from) {
    float scale = (float) plan.scales[axis];
    long to = plan.sizes[axis];
    return switch (plan.transform) {
      case "half_pixel" -> (i + 0.5f) / scale - 0.5f;
      case "half_pixel_symmetric" -> {
        float offset = from / 2f * (1 - to / (scale * from));
        yield (float) (offset + (i + 0.5) / scale - 0.5);
      }
      case "asymmetric" -> i / scale;
      case "pytorch_half_pixel" -> to > 1 ? (i + 0.5f) / scale - 0.5f : 0;
      case "tf_half_pixel_for_nn" -> (i + 0.5f) / scale;
      // ONNX Runtime has the whole number of elements in the place of from * scale.
      case "align_corners" ->
          to > 1 ? i * (from - 1f) / ((float) (from * plan.scales[axis]) - 1) : 0;
      case "tf_crop_and_resize" -> {
        float first = (float) plan.start[axis];
        float last = (float) plan.end[axis];
        yield to > 1
            ? first * (from - 1) + i * (last - first) * (from - 1) / (to - 1)
            : 0.5f * (first + last) * (from - 1);
      }
      default ->
          throw c.bad(
              "coordinate_transformation_mode",
              plan.transform,
              "half_pixel, half_pixel_symmetric, asymmetric, pytorch_half_pixel, align_corners,"
                  + " tf_half_pixel_for_nn, tf_crop_and_resize");
    };
  }

  /** Both halves of an element that has no second one beside it. */
  private static Taps neighbours(Call c, Plan plan, int axis) {
    float[] at = coordinates(c, plan, axis);
    long last = c.in(0).size(axis) - 1;
    long[][] places = new long[2][at.length];
    double[][] weights = new double[2][at.length];
    for (int i = 0; i < at.length; i++) {
      float p = Math.max(0, Math.min(at[i], last));
      places[0][i] = Math.min((long) p, last);
      places[1][i] = Math.min(places[0][i] + 1, last);
      boolean single = places[0][i] == places[1][i];
      weights[0][i] = single ? 0.5 : Math.abs(p - places[1][i]);
      weights[1][i] = single ? 0.5 : Math.abs(p - places[0][i]);
    }
    return new Taps(axis, last + 1, places, weights);
  }

  private static Tensor nearest(Call c, Tensor x, int axis, float[] at, String mode) {
    long[] index = new long[at.length];
    for (int i = 0; i < at.length; i++) {
      double place =
          switch (mode) {
            case "floor" -> Math.floor(at[i]);
            case "ceil" -> Math.ceil(at[i]);
            case "round_prefer_floor" -> Math.ceil(at[i] - 0.5 - TIE);
            case "round_prefer_ceil" -> Math.floor(at[i] + 0.5 + TIE);
            default ->
                throw c.bad("nearest_mode", mode, "floor, ceil, round_prefer_floor or _ceil");
          };
      index[i] = Math.clamp((long) place, 0, x.size(axis) - 1);
    }
    return x.indexSelect(axis, Torch.tensor(index));
  }

  private static Taps taps(Call c, long from, int axis, float[] at, Plan plan) {
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
    double reach = Math.ceil((cubic ? 2 : 1) / shrink);
    room(c, 2 * reach, at.length);
    int taps = 2 * (int) reach;
    long[][] index = new long[taps][at.length];
    double[][] weight = new double[taps][at.length];
    for (int i = 0; i < at.length; i++) {
      double floor = Math.floor(at[i]);
      double sum = 0;
      for (int k = 0; k < taps; k++) {
        long place = (long) floor + 1 - taps / 2 + k;
        boolean inside = place >= 0 && place < from;
        double distance = Math.abs((place - at[i]) * shrink);
        weight[k][i] = only && !inside ? 0 : cubic ? cubic(distance, a) : Math.max(0, 1 - distance);
        index[k][i] = Math.clamp(place, 0, from - 1);
        sum += weight[k][i];
      }
      for (int k = 0; k < taps && (only || antialias) && sum != 0; k++) {
        weight[k][i] /= sum;
      }
    }
    return new Taps(axis, from, index, weight);
  }

  /** Keys' kernel (Keys 1981). */
  private static double cubic(double x, double a) {
    if (x <= 1) {
      return ((a + 2) * x - (a + 3)) * x * x + 1;
    }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
  }

  /** Where the crop reaches beyond the picture there is a constant. */
  private static Tensor outside(Call c, Tensor y, int axis, float[] at, Tensor x) {
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
