package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Shapes of other shapes and orders of the same elements, and of what shapes are made of. */
final class ShapesOfViews {
  private ShapesOfViews() {}

  static void register(ShapeRules r) {
    r.put("Reshape", ShapesOfViews::reshape);
    r.put("Flatten", ShapesOfViews::flatten);
    r.put("Squeeze", ShapesOfViews::squeeze);
    r.put("Unsqueeze", ShapesOfViews::unsqueeze);
    r.put("Transpose", ShapesOfViews::transpose);
    r.put("Expand", ShapesOfViews::expand);
    r.put("Tile", ShapesOfViews::tile);
    r.put("DepthToSpace", ShapesOfViews::depthToSpace);
    r.put("SpaceToDepth", ShapesOfViews::spaceToDepth);
    r.put("Shape", ShapesOfViews::shape);
    r.put("Size", ShapesOfViews::size);
  }

  /** Number of elements of a vector that gives sizes; its elements where they are known. */
  private static Size[] wanted(ShapeCall c, int input) {
    if (c.known(input).contents().isPresent()) {
      return c.numbers(input).toArray(Size[]::new);
    }
    Size count = c.in(input, 1)[0];
    if (!count.isNumber() || count.number() > Contents.MOST) {
      throw new ShapeCall.Unsaid();
    }
    Size[] sizes = new Size[(int) count.number()];
    Arrays.fill(sizes, Size.UNKNOWN);
    return sizes;
  }

  /** Below operator set 5 the shape is an attribute. */
  private static void reshape(ShapeCall c) {
    Size[] sizes =
        c.opset() < 5
            ? Arrays.stream(c.ints("shape", new long[0])).mapToObj(Size::of).toArray(Size[]::new)
            : wanted(c, 1);
    boolean zeros = c.flag("allowzero", false);
    int rest = -1;
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i].is(0) && !zeros) {
        if (c.shaped(0) && i >= c.rank(0)) {
          throw c.bad("shape", Arrays.toString(sizes), "0 only for axes that data has");
        }
        sizes[i] = c.shaped(0) ? c.in(0)[i] : Size.UNKNOWN;
      } else if (sizes[i].is(-1)) {
        if (rest >= 0) {
          throw c.bad("shape", Arrays.toString(sizes), "one -1");
        }
        rest = i;
      } else if (sizes[i].most() < 0) {
        throw c.bad("shape", Arrays.toString(sizes), "sizes of 0 or more, or one -1");
      }
    }
    Size all = c.shaped(0) ? Size.product(c.in(0)) : Size.UNKNOWN;
    if (rest >= 0) {
      sizes[rest] = Size.ONE;
      Size others = Size.product(sizes);
      sizes[rest] = others.is(0) ? Size.UNKNOWN : all.over(others);
    }
    if (all.differs(Size.product(sizes))) {
      throw c.bad("shape", Arrays.toString(sizes), "as many elements as " + all);
    }
    c.out(0, sizes);
  }

  private static void flatten(ShapeCall c) {
    Size[] sizes = c.in(0);
    long axis = c.i("axis", 1);
    if (axis < -sizes.length || axis > sizes.length) {
      throw c.bad("axis", axis, "an axis of " + sizes.length + ", or that number");
    }
    int at = (int) (axis < 0 ? axis + sizes.length : axis);
    Size rows = Size.product(Arrays.copyOf(sizes, at));
    c.out(0, rows, Size.product(Arrays.copyOfRange(sizes, at, sizes.length)));
  }

  /** Without axes, all axes of size 1 go: which are those must be known then. */
  private static void squeeze(ShapeCall c) {
    Size[] sizes = c.in(0);
    boolean given = c.has(1) || c.hasAttribute("axes");
    boolean[] gone = new boolean[sizes.length];
    if (given && c.has(1) && c.known(1).contents().isEmpty()) {
      Size count = c.in(1, 1)[0];
      if (count.isNumber() && count.number() <= sizes.length) {
        c.rank(0, sizes.length - (int) count.number());
      }
      return;
    }
    if (given) {
      for (int axis : c.axes(1, sizes.length)) {
        if (sizes[axis].isNumber() && !sizes[axis].is(1)) {
          throw c.bad("axes", axis + " of " + Arrays.toString(sizes), "axes of size 1");
        }
        gone[axis] = true;
      }
    }
    List<Size> left = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      if (!given && !sizes[i].isNumber()) {
        throw new ShapeCall.Unsaid();
      }
      if (!gone[i] && (given || !sizes[i].is(1))) {
        left.add(sizes[i]);
      }
    }
    c.out(0, left.toArray(Size[]::new));
  }

  private static void unsqueeze(ShapeCall c) {
    Size[] sizes = c.in(0);
    if (c.has(1) && c.known(1).contents().isEmpty()) {
      Size count = c.in(1).length == 0 ? Size.ONE : c.in(1, 1)[0];
      if (count.isNumber() && count.number() <= 64) {
        c.rank(0, sizes.length + (int) count.number());
      }
      return;
    }
    long[] given = c.has(1) ? c.longs(1) : c.ints("axes", new long[0]);
    Size[] out = new Size[sizes.length + given.length];
    for (int axis : c.axes(given, out.length)) {
      if (out[axis] != null) {
        throw c.bad("axes", Arrays.toString(given), "different axes");
      }
      out[axis] = Size.ONE;
    }
    int from = 0;
    for (int i = 0; i < out.length; i++) {
      out[i] = out[i] == null ? sizes[from++] : out[i];
    }
    c.out(0, out);
  }

  private static void transpose(ShapeCall c) {
    Size[] sizes = c.in(0);
    long[] order = c.ints("perm", new long[0]);
    if (!c.hasAttribute("perm")) {
      c.out(0, Arrays.asList(sizes).reversed().toArray(Size[]::new));
      return;
    }
    int[] axes = c.axes(order, sizes.length);
    if (Arrays.stream(axes).distinct().count() != sizes.length || axes.length != sizes.length) {
      throw c.bad("perm", Arrays.toString(order), "each axis of " + sizes.length + " once");
    }
    c.out(0, Arrays.stream(axes).mapToObj(a -> sizes[a]).toArray(Size[]::new));
  }

  private static void expand(ShapeCall c) {
    Size[] sizes = wanted(c, 1);
    Size[] x = c.in(0);
    for (int i = 0; i < sizes.length; i++) {
      // A size in the data is taken as one: negative ones are errors.
      boolean open = !sizes[i].isKnown();
      sizes[i] = open ? c.fresh() : sizes[i];
    }
    c.out(0, c.broadcast(x, sizes));
  }

  /** In operator set 1: one number of tiles, along one axis. */
  private static void tile(ShapeCall c) {
    Size[] sizes = c.in(0);
    if (c.opset() < 6) {
      sizes[c.axis(c.longs(2)[0], sizes.length)] = Size.UNKNOWN;
      c.out(0, sizes);
      return;
    }
    if (c.known(1).contents().isEmpty()) {
      c.rank(0, sizes.length);
      return;
    }
    List<Size> repeats = c.numbers(1);
    if (repeats.size() != sizes.length) {
      throw c.bad("repeats", repeats, sizes.length + " numbers");
    }
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = sizes[i].times(repeats.get(i));
    }
    c.out(0, sizes);
  }

  private static long block(ShapeCall c) {
    long block = c.i("blocksize", 0);
    if (block < 1 || block > 1 << 15) {
      throw c.bad("blocksize", block, "1 or more");
    }
    return block;
  }

  private static void depthToSpace(ShapeCall c) {
    long block = block(c);
    Size[] x = c.in(0, 4);
    c.out(0, x[0], x[1].over(Size.of(block * block)), x[2].times(block), x[3].times(block));
  }

  private static void spaceToDepth(ShapeCall c) {
    long block = block(c);
    Size by = Size.of(block);
    Size[] x = c.in(0, 4);
    c.out(0, x[0], x[1].times(block * block), x[2].over(by), x[3].over(by));
  }

  private static void shape(ShapeCall c) {
    Size[] sizes = c.in(0);
    int first = bound(c.i("start", 0), sizes.length);
    int last = Math.max(first, bound(c.i("end", sizes.length), sizes.length));
    c.out(0, Size.of(last - first));
    c.contents(0, Arrays.asList(sizes).subList(first, last));
  }

  private static int bound(long at, int rank) {
    return Math.clamp(at < 0 ? at + rank : at, 0, rank);
  }

  private static void size(ShapeCall c) {
    c.out(0);
    c.contents(0, List.of(Size.product(c.in(0))));
  }
}
