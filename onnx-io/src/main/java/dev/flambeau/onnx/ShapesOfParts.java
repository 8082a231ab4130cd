package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Shapes of what is cut out, put together or chosen. */
final class ShapesOfParts {
  private ShapesOfParts() {}

  static void register(ShapeRules r) {
    r.put("Concat", ShapesOfParts::concat);
    r.put("Split", ShapesOfParts::split);
    r.put("Slice", ShapesOfParts::slice);
    r.put("Pad", ShapesOfParts::pad);
    r.put("CenterCropPad", ShapesOfParts::centre);
    r.put("Gather", ShapesOfParts::gather);
    r.put("GatherElements", c -> c.like(0, 1));
    r.put("GatherND", ShapesOfParts::gatherNd);
    r.put("Compress", ShapesOfParts::compress);
    r.put("NonZero", c -> c.out(0, Size.of(c.rank(0)), nonZeros(c)));
    r.put("Unique", ShapesOfParts::unique);
    r.put("OneHot", ShapesOfParts::oneHot);
  }

  private static void concat(ShapeCall c) {
    Size[] out = c.in(0);
    int axis = c.axis(c.i("axis", 1), out.length);
    for (int i = 1; i < c.count(); i++) {
      Size[] x = c.in(i, out.length);
      for (int k = 0; k < x.length; k++) {
        if (k == axis) {
          out[k] = out[k].plus(x[k]);
        } else {
          c.equal("axis " + k, out[k], x[k]);
          out[k] = out[k].isNumber() ? out[k] : x[k];
        }
      }
    }
    c.out(0, out);
  }

  private static void split(ShapeCall c) {
    Size[] sizes = c.in(0);
    int axis = c.axis(c.i("axis", 0), sizes.length);
    int parts = c.outputs();
    Size[] each = new Size[parts];
    if (c.has(1) || c.hasAttribute("split")) {
      List<Size> given =
          c.has(1)
              ? c.known(1).contents().orElse(Collections.nCopies(parts, Size.UNKNOWN))
              : Arrays.stream(c.ints("split", new long[0])).mapToObj(Size::of).toList();
      if (given.size() != parts) {
        throw c.bad("split", given, parts + " numbers");
      }
      c.equal("the parts together", given.stream().reduce(Size.ZERO, Size::plus), sizes[axis]);
      given.toArray(each);
    } else {
      // The last part is smaller if they cannot be equal (operator set 18).
      boolean even = !sizes[axis].isNumber() && !c.hasAttribute("num_outputs");
      Size step = even ? sizes[axis] : sizes[axis].plus(parts - 1L);
      step = step.over(Size.of(parts));
      for (int i = 0; i < parts; i++) {
        Size left = sizes[axis].minus(step.times(i));
        each[i] = even ? step : step.min(left).max(Size.ZERO);
      }
    }
    for (int o = 0; o < parts; o++) {
      sizes[axis] = each[o];
      c.out(o, sizes);
    }
  }

  /** Below operator set 10 starts and ends are attributes. */
  private static void slice(ShapeCall c) {
    Size[] sizes = c.in(0);
    c.rank(0, sizes.length);
    boolean inputs = c.opset() >= 10;
    List<Size> starts = inputs ? c.numbers(1) : numbers(c.ints("starts", new long[0]));
    List<Size> ends = inputs ? c.numbers(2) : numbers(c.ints("ends", new long[0]));
    long[] axes = new long[starts.size()];
    Arrays.setAll(axes, i -> i);
    if (inputs && c.has(3)) {
      axes = c.longs(3);
    } else if (!inputs) {
      axes = c.ints("axes", axes);
    }
    long[] steps = new long[axes.length];
    Arrays.fill(steps, 1);
    steps = inputs && c.has(4) ? c.longs(4) : steps;
    if (axes.length != starts.size()
        || starts.size() != ends.size()
        || steps.length != axes.length
        || Arrays.stream(steps).anyMatch(s -> s == 0)) {
      throw c.bad("starts, ends, axes, steps", starts, "as many of each, steps not 0");
    }
    int[] at = c.axes(axes, sizes.length);
    for (int i = 0; i < at.length; i++) {
      sizes[at[i]] = sliced(sizes[at[i]], starts.get(i), ends.get(i), steps[i]);
    }
    c.out(0, sizes);
  }

  static List<Size> numbers(long[] values) {
    return Arrays.stream(values).mapToObj(Size::of).toList();
  }

  private static Size sliced(Size size, Size start, Size end, long step) {
    Size length;
    if (step > 0) {
      length = clamped(end, size, Size.ZERO, size).minus(clamped(start, size, Size.ZERO, size));
    } else {
      Size low = Size.of(-1);
      Size high = size.plus(-1);
      length = clamped(start, size, low, high).minus(clamped(end, size, low, high));
    }
    return length.max(Size.ZERO).fraction(Size.of(Math.abs(step))).ceil();
  }

  /** A place of an axis, counted from the end if negative, brought between two places. */
  private static Size clamped(Size place, Size size, Size low, Size high) {
    if (place.isNumber() && place.number() >= Integer.MAX_VALUE) {
      return high;
    }
    if (place.isNumber() && place.number() <= -Integer.MAX_VALUE) {
      return low;
    }
    if (place.least() >= 0) {
      return place.min(high);
    }
    return place.most() < 0 ? size.plus(place).max(low) : Size.UNKNOWN;
  }

  /** Pads are an attribute below operator set 11. */
  private static void pad(ShapeCall c) {
    Size[] sizes = c.in(0);
    c.rank(0, sizes.length);
    List<Size> pads =
        c.opset() >= 11
            ? c.numbers(1)
            : numbers(c.ints(c.opset() < 2 ? "paddings" : "pads", new long[0]));
    long[] axes = new long[sizes.length];
    Arrays.setAll(axes, i -> i);
    int[] at = c.axes(c.has(3) ? c.longs(3) : axes, sizes.length);
    if (pads.size() != 2 * at.length) {
      throw c.bad("pads", pads, 2 * at.length + " numbers");
    }
    for (int i = 0; i < at.length; i++) {
      sizes[at[i]] = sizes[at[i]].plus(pads.get(i)).plus(pads.get(i + at.length));
    }
    c.out(0, sizes);
  }

  private static void centre(ShapeCall c) {
    Size[] sizes = c.in(0);
    c.rank(0, sizes.length);
    long[] axes = new long[sizes.length];
    Arrays.setAll(axes, i -> i);
    int[] at = c.axes(c.ints("axes", axes), sizes.length);
    List<Size> wanted = c.numbers(1);
    for (int i = 0; i < at.length; i++) {
      sizes[at[i]] = wanted.get(i);
    }
    c.out(0, sizes);
  }

  private static void gather(ShapeCall c) {
    Size[] x = c.inAtLeast(0, 1);
    int axis = c.axis(c.i("axis", 0), x.length);
    List<Size> out = new ArrayList<>(Arrays.asList(x).subList(0, axis));
    out.addAll(List.of(c.in(1)));
    out.addAll(Arrays.asList(x).subList(axis + 1, x.length));
    c.out(0, out.toArray(Size[]::new));
  }

  private static void gatherNd(ShapeCall c) {
    Size[] x = c.in(0);
    Size[] at = c.inAtLeast(1, 1);
    long batch = c.i("batch_dims", 0);
    Size depth = at[at.length - 1];
    if (!depth.isNumber()) {
      return;
    }
    if (batch < 0 || batch >= at.length || batch + depth.number() > x.length) {
      throw c.bad("batch_dims, indices", batch + ", " + Arrays.toString(at), "axes that data has");
    }
    List<Size> out = new ArrayList<>(Arrays.asList(at).subList(0, at.length - 1));
    out.addAll(Arrays.asList(x).subList((int) (batch + depth.number()), x.length));
    c.out(0, out.toArray(Size[]::new));
  }

  private static void compress(ShapeCall c) {
    if (!c.hasAttribute("axis")) {
      c.rank(0, 1);
    }
    Size[] sizes = c.in(0);
    int axis = c.hasAttribute("axis") ? c.axis(c.i("axis", 0), sizes.length) : 0;
    Size[] out = c.hasAttribute("axis") ? sizes : new Size[1];
    long kept = 0;
    boolean known = c.known(1).contents().isPresent();
    Size all = c.hasAttribute("axis") ? sizes[axis] : Size.product(sizes);
    for (int i = 0; known && i < c.numbers(1).size(); i++) {
      known = c.numbers(1).get(i).isNumber() && (all.isNumber() && all.number() > i);
      kept += known && !c.numbers(1).get(i).is(0) ? 1 : 0;
    }
    out[axis] = known ? Size.of(kept) : Size.UNKNOWN;
    c.out(0, out);
  }

  private static Size nonZeros(ShapeCall c) {
    List<Size> values = c.known(0).contents().orElse(List.of(Size.UNKNOWN));
    return values.stream().allMatch(Size::isNumber)
        ? Size.of(values.stream().filter(v -> !v.is(0)).count())
        : Size.UNKNOWN;
  }

  private static void unique(ShapeCall c) {
    Size found = c.fresh();
    c.out(1, found);
    c.out(3, found);
    if (!c.hasAttribute("axis")) {
      c.out(0, found);
      c.out(2, c.shaped(0) ? Size.product(c.in(0)) : Size.UNKNOWN);
      return;
    }
    Size[] sizes = c.in(0);
    int axis = c.axis(c.i("axis", 0), sizes.length);
    c.out(2, sizes[axis]);
    sizes[axis] = found;
    c.out(0, sizes);
  }

  private static void oneHot(ShapeCall c) {
    List<Size> out = new ArrayList<>(List.of(c.in(0)));
    Size depth = c.known(1).contents().isPresent() ? c.scalar(1) : Size.UNKNOWN;
    out.add(c.axis(c.i("axis", -1), out.size() + 1), depth.floor());
    c.out(0, out.toArray(Size[]::new));
  }
}
