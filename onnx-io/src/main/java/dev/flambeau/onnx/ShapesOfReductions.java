package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Shapes of sums, maxima, pools over everything, and losses. */
final class ShapesOfReductions {
  private ShapesOfReductions() {}

  static void register(ShapeRules r) {
    r.put(
        "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd"
            + " ReduceSum ReduceSumSquare",
        ShapesOfReductions::reduce);
    r.put("ArgMax ArgMin", ShapesOfReductions::best);
    r.put("GlobalAveragePool GlobalLpPool GlobalMaxPool", ShapesOfReductions::pool);
    r.put("NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss", ShapesOfReductions::loss);
    r.put("TopK", ShapesOfReductions::top);
    r.put("Det", ShapesOfReductions::determinant);
  }

  private static void reduce(ShapeCall c) {
    Size[] sizes = c.in(0);
    boolean keep = c.flag("keepdims", true);
    boolean given = c.has(1) || c.hasAttribute("axes");
    if (!given && c.flag("noop_with_empty_axes", false)) {
      c.out(0, sizes);
      return;
    }
    if (c.has(1) && c.known(1).contents().isEmpty()) {
      unknownAxes(c, sizes.length, keep);
      return;
    }
    int[] axes = c.axes(1, sizes.length);
    if (axes.length == 0 && c.flag("noop_with_empty_axes", false)) {
      c.out(0, sizes);
      return;
    }
    boolean[] gone = new boolean[sizes.length];
    Arrays.fill(gone, axes.length == 0);
    for (int axis : axes) {
      gone[axis] = true;
    }
    c.out(0, without(sizes, gone, keep));
  }

  private static void unknownAxes(ShapeCall c, int rank, boolean keep) {
    if (keep) {
      c.rank(0, rank);
    } else if (c.in(1, 1)[0].isNumber() && c.in(1)[0].number() <= rank && c.in(1)[0].number() > 0) {
      c.rank(0, rank - (int) c.in(1)[0].number());
    }
  }

  private static Size[] without(Size[] sizes, boolean[] gone, boolean keep) {
    List<Size> left = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      if (!gone[i]) {
        left.add(sizes[i]);
      } else if (keep) {
        left.add(Size.ONE);
      }
    }
    return left.toArray(Size[]::new);
  }

  private static void best(ShapeCall c) {
    Size[] sizes = c.in(0);
    boolean[] gone = new boolean[sizes.length];
    gone[c.axis(c.i("axis", 0), sizes.length)] = true;
    c.out(0, without(sizes, gone, c.flag("keepdims", true)));
  }

  private static void pool(ShapeCall c) {
    Size[] sizes = c.inAtLeast(0, 2);
    Arrays.fill(sizes, 2, sizes.length, Size.ONE);
    c.out(0, sizes);
  }

  private static void loss(ShapeCall c) {
    if (c.s("reduction", "mean").equals("none")) {
      if (c.shaped(0)) {
        c.like(1, 0);
      }
      c.like(0, 1);
    } else {
      c.out(0);
      c.like(1, 0);
    }
  }

  /** The number is an attribute below operator set 10. */
  private static void top(ShapeCall c) {
    Size[] sizes = c.in(0);
    int axis = c.axis(c.i("axis", -1), sizes.length);
    Size count =
        c.opset() < 10
            ? Size.of(c.i("k", 0))
            : c.known(1).contents().isPresent() ? c.scalar(1) : Size.UNKNOWN;
    sizes[axis] = count.isInteger() ? count : c.fresh();
    c.out(0, sizes);
    c.out(1, sizes);
  }

  private static void determinant(ShapeCall c) {
    Size[] sizes = c.inAtLeast(0, 2);
    c.equal("rows and columns", sizes[sizes.length - 1], sizes[sizes.length - 2]);
    c.out(0, Arrays.copyOf(sizes, sizes.length - 2));
  }
}
