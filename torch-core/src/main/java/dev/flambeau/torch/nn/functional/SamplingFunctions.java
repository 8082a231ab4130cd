package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.IndexSelect;
import dev.flambeau.torch.op.Window;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Resizing and sampling of images, windows put together: a part of {@link F}. */
abstract class SamplingFunctions extends PoolFunctions {
  SamplingFunctions() {}

  /** The input (N, C, ...) at another size, one for each spatial axis. */
  public static Tensor interpolate(Tensor input, long[] size, Interpolation mode) {
    return interpolate(input, size, new double[0], mode, false, false);
  }

  /**
   * The same.
   *
   * @param size empty: sizes times {@code scale}, rounded down
   * @param scale one number, or one for each spatial axis; also the distance of the samples
   * @param align corner elements keep their places; else edges do
   * @param antialias smaller images are means of what they stand for; linear and cubic only
   */
  public static Tensor interpolate(
      Tensor input,
      long[] size,
      double[] scale,
      Interpolation mode,
      boolean align,
      boolean antialias) {
    int axes = input.dim() - 2;
    if (axes < 1 || axes > 3 || (size.length == 0) == (scale.length == 0)) {
      throw TorchException.argument(
          "interpolate",
          "size and scale_factor",
          size.length + " and " + scale.length + " numbers",
          "one of them, for an input of 3 to 5 dimensions, here " + input.shape());
    }
    long[] sizes = new long[axes];
    double[] scales = new double[axes];
    for (int i = 0; i < axes; i++) {
      scales[i] = scale.length == 0 ? 0 : scale[scale.length == 1 ? 0 : i];
      sizes[i] =
          size.length == 0
              ? (long) Math.floor(input.size(i + 2) * scales[i])
              : size[size.length == 1 ? 0 : i];
    }
    Resizing.check(input, sizes);
    if (mode == Interpolation.AREA) {
      return F.adaptiveAvgPool(input, sizes);
    }
    List<Long> wanted = Arrays.stream(sizes).boxed().toList();
    List<Double> given = Arrays.stream(scales).boxed().toList();
    return Dispatcher.composite(
        new Composites.Resize(wanted, given, mode, align, antialias),
        () -> Resizing.resized(input, sizes, scales, mode, align, antialias),
        input);
  }

  /**
   * The input (N, C, H, W) or (N, C, D, H, W) at the places of a grid (N, ..., 2 or 3), whose
   * coordinates x, y, z go from -1 to 1 over the image.
   *
   * @param padding what is outside: CONSTANT (0), REPLICATE (border) or REFLECT
   * @param align -1 and 1 are the centres of the corner elements, not their edges
   */
  public static Tensor gridSample(
      Tensor input, Tensor grid, Interpolation mode, Padding padding, boolean align) {
    return Dispatcher.composite(
        new Composites.GridSample(mode, padding, align),
        () -> GridSampling.sample(input, grid, mode, padding, align),
        input,
        grid);
  }

  /** The grid of affine maps theta (N, 2, 3) or (N, 3, 4) for an output (N, C, ...). */
  public static Tensor affineGrid(Tensor theta, long[] size, boolean align) {
    int axes = size.length - 2;
    if (theta.dim() != 3 || theta.size(1) != axes || theta.size(2) != axes + 1) {
      throw TorchException.shape(
          "affine_grid", "theta", theta.shape(), "(N, " + axes + ", " + (axes + 1) + ")");
    }
    long[] full = Arrays.copyOfRange(size, 2, size.length + 1);
    full[axes] = 1;
    Tensor base = null;
    for (int i = axes - 1; i >= 0; i--) {
      long n = size[i + 2];
      double edge = align ? 1 : 1 - 1.0 / n;
      Tensor line =
          n == 1
              ? Torch.zeros(theta.dtype(), 1)
              : Torch.arange(n).to(theta.dtype()).mul(2 * edge / (n - 1)).sub(edge);
      long[] shape = new long[axes + 1];
      Arrays.fill(shape, 1);
      shape[i] = n;
      Tensor part = line.reshape(shape).expand(full);
      base = base == null ? part : Torch.cat(List.of(base, part), -1);
    }
    base = Torch.cat(List.of(base, Torch.ones(theta.dtype(), full)), -1);
    Tensor flat = base.reshape(-1, axes + 1);
    long[] out = Arrays.copyOf(full, axes + 1);
    out[axes] = axes;
    long[] result = new long[axes + 2];
    result[0] = theta.size(0);
    System.arraycopy(out, 0, result, 1, axes + 1);
    return flat.matmul(theta.mT()).reshape(result);
  }

  /**
   * The sum of windows at their places, the reverse of {@link F#unfold}: (N, C kh kw, windows) to
   * (N, C, H, W). Each option is one number or two.
   */
  public static Tensor fold(
      Tensor input, long[] size, long[] kernel, long[] dilation, long[] padding, long[] stride) {
    if (input.dim() == 2) {
      return fold(input.unsqueeze(0), size, kernel, dilation, padding, stride).squeeze(0);
    }
    Window window = Window.of(2, stride, padding, dilation);
    long[] k = kernel.length == 1 ? Spatial.spread(kernel[0], 2) : kernel;
    long[] out = size.length == 1 ? Spatial.spread(size[0], 2) : size;
    long h = out[0] + 2 * window.padding().get(0);
    long w = out[1] + 2 * window.padding().get(1);
    // The places are those unfold takes its elements from.
    Tensor image = Torch.arange(h * w).reshape(1, 1, h, w);
    long[] none = {0};
    Tensor places = F.unfold(image, k, dilation, none, stride);
    if (input.dim() != 3
        || input.size(1) % places.size(1) != 0
        || input.size(2) != places.size(2)) {
      throw TorchException.shape(
          "fold", "input", input.shape(), "(N, C " + places.size(1) + ", " + places.size(2) + ")");
    }
    long channels = input.size(1) / places.size(1);
    Tensor source = input.reshape(input.size(0), channels, places.numel());
    Shape flat = Shape.of(input.size(0), channels, h * w);
    Tensor sum = Dispatcher.call(new IndexSelect.IndexAdd(2, flat), places.reshape(-1), source);
    long up = -window.padding().get(0);
    long left = -window.padding().get(1);
    return F.pad(sum.reshape(input.size(0), channels, h, w), left, left, up, up);
  }

  /** (sum x^p)^(1/p) of each window. */
  public static Tensor lpPool(
      Tensor input, double p, long[] kernel, Consumer<PoolOptions> options) {
    long count = Arrays.stream(kernel).reduce(1, (a, b) -> a * b);
    Tensor mean = F.avgPool(input.pow(p), kernel, options);
    return mean.relu().mul(count).pow(1 / p);
  }

  /** Convolution: (N, C, D, H, W) or (C, D, H, W) with weight (K, C / groups, d, h, w). */
  public static Tensor conv3d(
      Tensor input, Tensor weight, Optional<Tensor> bias, Consumer<ConvOptions> options) {
    return F.convolution(3, input, weight, bias, options);
  }
}
