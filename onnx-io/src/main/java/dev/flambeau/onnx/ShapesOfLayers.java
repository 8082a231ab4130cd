package dev.flambeau.onnx;

import java.util.Arrays;
import java.util.function.IntFunction;

/** Shapes of convolutions, pools and recurrent layers. */
final class ShapesOfLayers {
  private ShapesOfLayers() {}

  static void register(ShapeRules r) {
    r.put("Conv ConvInteger DeformConv", c -> convolve(c, 1));
    r.put("QLinearConv", c -> convolve(c, 3));
    r.put("ConvTranspose", ShapesOfLayers::transposed);
    r.put("CausalConvWithState", ShapesOfLayers::causal);
    r.put("AveragePool LpPool MaxPool", ShapesOfLayers::pool);
    r.put("MaxUnpool", ShapesOfLayers::unpool);
    r.put("Col2Im", ShapesOfLayers::columns);
    r.put("RNN GRU LSTM", ShapesOfLayers::recurrent);
  }

  private static long[] ones(int count) {
    long[] ones = new long[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** A list of numbers for the spatial axes. */
  private static long[] perAxis(ShapeCall c, String name, long[] fallback, long least) {
    long[] values = c.ints(name, fallback);
    boolean fits = Arrays.stream(values).allMatch(v -> v >= least);
    if (values.length != fallback.length || !fits) {
      throw c.bad(
          name, Arrays.toString(values), fallback.length + " numbers from " + least + " on");
    }
    return values;
  }

  /** How far a window reaches on each axis: the dilated kernel. */
  private static Size reach(Size kernel, long dilation) {
    return kernel.plus(-1).times(dilation).plus(1);
  }

  /**
   * Sizes of the places of a window.
   *
   * @param x with batch and channels before the spatial axes
   * @param kernel sizes by spatial axis
   */
  private static void slide(ShapeCall c, Size[] x, IntFunction<Size> kernel) {
    int axes = x.length - 2;
    long[] strides = perAxis(c, "strides", ones(axes), 1);
    long[] dilations = perAxis(c, "dilations", ones(axes), 1);
    long[] pads = perAxis(c, "pads", new long[2 * axes], Integer.MIN_VALUE);
    String auto = c.s("auto_pad", "NOTSET");
    boolean ceil = c.flag("ceil_mode", false);
    for (int i = 0; i < axes; i++) {
      Size size = x[i + 2];
      Size step = Size.of(strides[i]);
      if (auto.startsWith("SAME")) {
        x[i + 2] = size.fraction(step).ceil();
        continue;
      }
      long before = auto.equals("VALID") ? 0 : pads[i];
      long after = auto.equals("VALID") ? 0 : pads[i + axes];
      Size room = size.plus(before).plus(after).minus(reach(kernel.apply(i), dilations[i]));
      if (room.most() < 0) {
        throw c.bad("input", Arrays.toString(x), "the window inside the padded input");
      }
      Size last = room.fraction(step);
      if (ceil) {
        // Windows that would start in the padding behind are left out.
        x[i + 2] = last.ceil().plus(1).min(size.plus(before).fraction(step).ceil());
      } else {
        x[i + 2] = last.floor().plus(1);
      }
    }
  }

  private static void convolve(ShapeCall c, int weight) {
    Size[] x = c.in(0);
    if (x.length < 3) {
      throw c.bad("input 0", Arrays.toString(x), "spatial axes after batch and channels");
    }
    c.rank(0, x.length);
    Size[] w = c.shaped(weight) ? c.in(weight, x.length) : null;
    long group = c.i("group", 1);
    if (w != null) {
      c.equal("channels of input and weight times groups", x[1], w[1].times(group));
    }
    x[1] = w == null ? Size.UNKNOWN : w[0];
    slide(c, x, i -> kernel(c, w, i, x.length - 2));
    c.out(0, x);
  }

  private static Size kernel(ShapeCall c, Size[] w, int axis, int axes) {
    if (c.hasAttribute("kernel_shape")) {
      return Size.of(perAxis(c, "kernel_shape", ones(axes), 1)[axis]);
    }
    return w == null ? Size.UNKNOWN : w[axis + 2];
  }

  private static void transposed(ShapeCall c) {
    Size[] x = c.in(0);
    if (x.length < 3) {
      throw c.bad("input 0", Arrays.toString(x), "spatial axes after batch and channels");
    }
    c.rank(0, x.length);
    int axes = x.length - 2;
    Size[] w = c.shaped(1) ? c.in(1, x.length) : null;
    long[] strides = perAxis(c, "strides", ones(axes), 1);
    long[] dilations = perAxis(c, "dilations", ones(axes), 1);
    long[] pads = perAxis(c, "pads", new long[2 * axes], Integer.MIN_VALUE);
    long[] extra = perAxis(c, "output_padding", new long[axes], 0);
    String auto = c.s("auto_pad", "NOTSET");
    boolean padded = auto.equals("NOTSET");
    boolean given = c.hasAttribute("output_shape");
    long[] wanted = c.ints("output_shape", new long[0]);
    if (given && wanted.length != axes) {
      throw c.bad("output_shape", Arrays.toString(wanted), axes + " numbers");
    }
    x[1] = w == null ? Size.UNKNOWN : w[1].times(c.i("group", 1));
    for (int i = 0; i < axes; i++) {
      Size size = x[i + 2];
      if (given) {
        x[i + 2] = Size.of(wanted[i]);
      } else if (auto.startsWith("SAME")) {
        x[i + 2] = size.times(strides[i]);
      } else {
        Size full = size.plus(-1).times(strides[i]).plus(extra[i]);
        full = full.plus(reach(kernel(c, w, i, axes), dilations[i]));
        x[i + 2] = padded ? full.minus(Size.of(pads[i])).minus(Size.of(pads[i + axes])) : full;
      }
    }
    c.out(0, x);
  }

  private static void causal(ShapeCall c) {
    Size[] x = c.in(0, 3);
    c.out(0, x);
    c.out(1, x[0], x[1], c.shaped(1) ? c.in(1, 3)[2].plus(-1) : Size.UNKNOWN);
  }

  private static void pool(ShapeCall c) {
    Size[] x = c.in(0);
    if (x.length < 3) {
      throw c.bad("input 0", Arrays.toString(x), "spatial axes after batch and channels");
    }
    long[] kernel = perAxis(c, "kernel_shape", ones(x.length - 2), 1);
    slide(c, x, i -> Size.of(kernel[i]));
    c.out(0, x);
    c.out(1, x);
  }

  private static void unpool(ShapeCall c) {
    Size[] x = c.inAtLeast(0, 3);
    if (c.has(2)) {
      c.rank(0, x.length);
      c.out(0, c.numbers(2).toArray(Size[]::new));
      return;
    }
    int axes = x.length - 2;
    long[] kernel = perAxis(c, "kernel_shape", ones(axes), 1);
    long[] strides = perAxis(c, "strides", ones(axes), 1);
    long[] pads = perAxis(c, "pads", new long[2 * axes], 0);
    for (int i = 0; i < axes; i++) {
      long more = kernel[i] - pads[i] - pads[i + axes];
      x[i + 2] = x[i + 2].plus(-1).times(strides[i]).plus(more);
    }
    c.out(0, x);
  }

  /** (N, C * block, L) and the sizes of picture and block -> (N, C, picture). */
  private static void columns(ShapeCall c) {
    Size[] x = c.in(0, 3);
    Size count = c.shaped(1) ? c.in(1, 1)[0] : Size.UNKNOWN;
    if (count.isNumber() && count.number() <= 16) {
      c.rank(0, (int) count.number() + 2);
    }
    Size[] picture = c.numbers(1).toArray(Size[]::new);
    Size[] out = new Size[picture.length + 2];
    System.arraycopy(picture, 0, out, 2, picture.length);
    out[0] = x[0];
    out[1] =
        c.known(2).contents().isPresent()
            ? x[1].over(Size.product(c.numbers(2).toArray(Size[]::new)))
            : Size.UNKNOWN;
    c.out(0, out);
  }

  /** (steps, batch, features), or with layout 1 the batch first. */
  private static void recurrent(ShapeCall c) {
    Size[] x = c.shaped(0) ? c.in(0, 3) : c.fresh(3);
    boolean batchFirst = c.flag("layout", false);
    Size steps = x[batchFirst ? 1 : 0];
    Size batch = x[batchFirst ? 0 : 1];
    Size ways = Size.of(c.s("direction", "forward").equals("bidirectional") ? 2 : 1);
    Size hidden = Size.UNKNOWN;
    if (c.hasAttribute("hidden_size")) {
      hidden = Size.of(c.i("hidden_size", 0));
    } else if (c.shaped(2)) {
      hidden = c.in(2, 3)[2];
    }
    hidden = hidden.isKnown() ? hidden : c.fresh();
    if (batchFirst) {
      c.out(0, batch, steps, ways, hidden);
      c.out(1, batch, ways, hidden);
      c.out(2, batch, ways, hidden);
    } else {
      c.out(0, steps, ways, batch, hidden);
      c.out(1, ways, batch, hidden);
      c.out(2, ways, batch, hidden);
    }
  }
}
