package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Shapes of pictures made larger or smaller, sampled, and of boxes in them. */
final class ShapesOfImages {
  private ShapesOfImages() {}

  static void register(ShapeRules r) {
    r.put("Resize", ShapesOfImages::resize);
    r.put("Upsample", ShapesOfImages::upsample);
    r.put("GridSample", ShapesOfImages::sample);
    r.put("AffineGrid", ShapesOfImages::grid);
    r.put("RoiAlign", c -> boxes(c, c.i("output_height", 1), c.i("output_width", 1)));
    r.put("MaxRoiPool", ShapesOfImages::pool);
    r.put("NonMaxSuppression", c -> c.out(0, Size.UNKNOWN, Size.of(3)));
    r.put("ImageDecoder", ShapesOfImages::decode);
  }

  private static List<Size> reals(ShapeCall c, int input) {
    return c.known(input).contents().orElseThrow(ShapeCall.Unsaid::new);
  }

  private static void scaled(ShapeCall c, int[] axes, List<Size> scales) {
    Size[] sizes = c.in(0);
    if (scales.size() != axes.length) {
      throw c.bad("scales", scales, axes.length + " numbers");
    }
    for (int i = 0; i < axes.length; i++) {
      Size size = sizes[axes[i]];
      double scale = scales.get(i).real();
      sizes[axes[i]] =
          size.isNumber() && !Double.isNaN(scale)
              ? Size.of(Resizing.scaled(size.number(), scale))
              : size.times(scales.get(i)).floor();
    }
    c.out(0, sizes);
  }

  private static int[] all(int rank) {
    int[] axes = new int[rank];
    Arrays.setAll(axes, i -> i);
    return axes;
  }

  private static void upsample(ShapeCall c) {
    int rank = c.rank(0);
    c.rank(0, rank);
    List<Size> scales = new ArrayList<>();
    if (c.opset() >= 9) {
      scales.addAll(reals(c, 1));
    } else if (c.hasAttribute("scales")) {
      c.attribute("scales")
          .ifPresent(a -> a.getFloatsList().forEach(f -> scales.add(Contents.real(f))));
    } else {
      Size height = Contents.real(c.f("height_scale", 1));
      scales.addAll(List.of(Size.ONE, Size.ONE, height, Contents.real(c.f("width_scale", 1))));
    }
    scaled(c, all(rank), scales);
  }

  /** Operator set 10 has scales alone. */
  private static void resize(ShapeCall c) {
    Size[] sizes = c.in(0);
    c.rank(0, sizes.length);
    if (c.opset() < 11) {
      scaled(c, all(sizes.length), reals(c, 1));
      return;
    }
    int[] axes = all(sizes.length);
    if (c.hasAttribute("axes")) {
      axes = c.axes(c.ints("axes", new long[0]), sizes.length);
      // The other axes stay as they are.
      Size[] open = sizes.clone();
      Arrays.stream(axes).forEach(a -> open[a] = Size.UNKNOWN);
      c.out(0, open);
    }
    boolean scales = c.has(2) && !emptyVector(c, 2);
    if (c.s("coordinate_transformation_mode", "half_pixel").equals("tf_crop_and_resize")
        && scales) {
      cropped(c, axes, sizes);
    } else if (scales) {
      scaled(c, axes, reals(c, 2));
    } else {
      wanted(c, axes, sizes);
    }
  }

  /** An input left out, as some exporters do. */
  private static boolean emptyVector(ShapeCall c, int input) {
    return c.shaped(input) && Size.product(c.in(input)).is(0);
  }

  private static void cropped(ShapeCall c, int[] axes, Size[] sizes) {
    List<Size> region = reals(c, 1);
    List<Size> scales = reals(c, 2);
    for (int i = 0; i < axes.length; i++) {
      double share = region.get(i + axes.length).real() - region.get(i).real();
      double scale = scales.get(i).real();
      Size size = sizes[axes[i]];
      boolean known = size.isNumber() && !Double.isNaN(share * scale);
      sizes[axes[i]] =
          known ? Size.of(Resizing.scaled(size.number(), scale * share)) : Size.UNKNOWN;
    }
    c.out(0, sizes);
  }

  private static void wanted(ShapeCall c, int[] axes, Size[] sizes) {
    List<Size> wanted = c.numbers(3);
    String policy = c.s("keep_aspect_ratio_policy", "stretch");
    if (wanted.size() != axes.length) {
      throw c.bad("sizes", wanted, axes.length + " numbers");
    }
    double common = policy.equals("not_larger") ? Double.POSITIVE_INFINITY : 0;
    for (int i = 0; i < axes.length; i++) {
      double ratio = wanted.get(i).real() / sizes[axes[i]].real();
      common = policy.equals("not_larger") ? Math.min(common, ratio) : Math.max(common, ratio);
    }
    for (int i = 0; i < axes.length; i++) {
      Size size = sizes[axes[i]];
      if (policy.equals("stretch")) {
        sizes[axes[i]] = wanted.get(i);
      } else {
        boolean known = size.isNumber() && !Double.isNaN(common);
        sizes[axes[i]] =
            known ? Size.of((long) Math.floor(size.number() * common + 0.5)) : Size.UNKNOWN;
      }
    }
    c.out(0, sizes);
  }

  private static void sample(ShapeCall c) {
    Size[] x = c.inAtLeast(0, 3);
    Size[] grid = c.in(1, x.length);
    Size[] out = x.clone();
    System.arraycopy(grid, 1, out, 2, x.length - 2);
    c.out(0, out);
  }

  /** Matrices (N, 2, 3) or (N, 3, 4) and sizes (N, C, ...) -> (N, ..., 2 or 3). */
  private static void grid(ShapeCall c) {
    if (c.known(1).contents().isEmpty()) {
      Size[] theta = c.in(0, 3);
      if (theta[1].isNumber()) {
        Size[] open = c.fresh(theta[1].is(3) ? 5 : 4);
        open[0] = theta[0];
        open[open.length - 1] = theta[1];
        c.out(0, open);
      }
      return;
    }
    List<Size> size = c.numbers(1);
    Size[] out = new Size[size.size()];
    out[0] = size.getFirst();
    for (int i = 2; i < size.size(); i++) {
      out[i - 1] = size.get(i);
    }
    out[size.size() - 1] = Size.of(size.size() - 2L);
    c.out(0, out);
  }

  private static void boxes(ShapeCall c, long height, long width) {
    Size channels = c.shaped(0) ? c.in(0, 4)[1] : Size.UNKNOWN;
    Size count = c.shaped(1) ? c.in(1, 2)[0] : Size.UNKNOWN;
    c.out(0, count, channels, Size.of(height), Size.of(width));
  }

  private static void pool(ShapeCall c) {
    long[] shape = c.ints("pooled_shape", new long[0]);
    if (shape.length != 2) {
      throw c.bad("pooled_shape", Arrays.toString(shape), "two numbers");
    }
    boxes(c, shape[0], shape[1]);
  }

  private static void decode(ShapeCall c) {
    boolean grey = c.s("pixel_format", "RGB").equals("Grayscale");
    c.out(0, Size.UNKNOWN, Size.UNKNOWN, Size.of(grey ? 1 : 3));
  }
}
