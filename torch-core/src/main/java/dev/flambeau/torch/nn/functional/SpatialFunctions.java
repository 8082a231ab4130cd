package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.ConvTranspose;
import dev.flambeau.torch.op.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The functions of {@link F} that rearrange and pad. */
abstract class SpatialFunctions extends NormFunctions {
  SpatialFunctions() {}

  /** Zeros around the data: pairs of numbers before and after, the last axis first. */
  public static Tensor pad(Tensor input, long... pads) {
    return pad(input, Padding.CONSTANT, 0, pads);
  }

  /** {@code value} counts for {@link Padding#CONSTANT} alone. */
  public static Tensor pad(Tensor input, Padding mode, double value, long... pads) {
    return mode.apply(input, value, pads);
  }

  /** (..., C r^2, H, W) to (..., C, H r, W r) (Shi et al. 2016). */
  public static Tensor pixelShuffle(Tensor input, long factor) {
    checkPixels("pixel_shuffle", input, factor, -3, factor * factor);
    long[] sizes = input.shape().sizes();
    int n = sizes.length;
    long channels = sizes[n - 3] / (factor * factor);
    Tensor split =
        input.reshape(batch(input), channels, factor, factor, sizes[n - 2], sizes[n - 1]);
    sizes[n - 3] = channels;
    sizes[n - 2] *= factor;
    sizes[n - 1] *= factor;
    return split.permute(0, 1, 4, 2, 5, 3).reshape(sizes);
  }

  /** (..., C, H r, W r) to (..., C r^2, H, W). */
  public static Tensor pixelUnshuffle(Tensor input, long factor) {
    checkPixels("pixel_unshuffle", input, factor, -2, factor);
    checkPixels("pixel_unshuffle", input, factor, -1, factor);
    long[] sizes = input.shape().sizes();
    int n = sizes.length;
    long height = sizes[n - 2] / factor;
    long width = sizes[n - 1] / factor;
    Tensor split = input.reshape(batch(input), sizes[n - 3], height, factor, width, factor);
    sizes[n - 3] *= factor * factor;
    sizes[n - 2] = height;
    sizes[n - 1] = width;
    return split.permute(0, 1, 3, 5, 2, 4).reshape(sizes);
  }

  /** The channels of (N, C, ...) as a table with a row a group, read by columns. */
  public static Tensor channelShuffle(Tensor input, long groups) {
    if (input.dim() < 3 || groups < 1 || input.size(1) % groups != 0) {
      throw TorchException.shape(
          "channel_shuffle",
          "input",
          input.shape(),
          "(N, C, ...) with C a multiple of groups, " + groups);
    }
    return input.unflatten(1, groups, -1).transpose(1, 2).flatten(1, 2);
  }

  private static void checkPixels(String name, Tensor x, long factor, int axis, long divisor) {
    if (factor < 1) {
      throw TorchException.argument(name, "factor", factor, "1 or more");
    }
    if (x.dim() < 3 || x.size(axis) % divisor != 0) {
      throw TorchException.shape(
          name,
          "input",
          x.shape(),
          "(..., C, H, W) with size " + axis + " a multiple of " + divisor);
    }
  }

  private static long batch(Tensor x) {
    long n = 1;
    for (int i = 0; i < x.dim() - 3; i++) {
      n *= x.size(i);
    }
    return n;
  }

  /**
   * Transposed convolution over as many spatial axes as the weight (C, K / groups, ...) has; the
   * input may lack the batch axis.
   *
   * @param outputPadding added to the output's sizes, at the end
   */
  public static Tensor convTranspose(
      Tensor input,
      Tensor weight,
      Optional<Tensor> bias,
      long[] outputPadding,
      Consumer<ConvOptions> options) {
    return convTranspose(input, weight, bias, outputPadding, ConvOptions.of(options));
  }

  /** The same; the options' own output padding does not count. */
  public static Tensor convTranspose(
      Tensor input, Tensor weight, Optional<Tensor> bias, long[] outputPadding, ConvOptions o) {
    int axes = weight.dim() - 2;
    if (axes < 1 || axes > 3 || input.dim() != axes + 2 && input.dim() != axes + 1) {
      throw TorchException.shape(
          "conv_transpose",
          "input and weight",
          input.shape() + " and " + weight.shape(),
          "(N, C, ...) or (C, ...) and (C, K / groups, ...) with one to three spatial axes");
    }
    if (input.dtype().category() == DType.Category.INTEGER) {
      return Spatial.integers(
          "conv_transpose",
          input,
          weight,
          bias,
          (x, w, b) -> convTranspose(x, w, b, outputPadding, o));
    }
    Window window = o.window(axes);
    boolean single = input.dim() == axes + 1;
    Tensor x = single ? input.unsqueeze(0) : input;
    long[] extra =
        outputPadding.length == 1 ? Spatial.spread(outputPadding[0], axes) : outputPadding;
    ConvTranspose.of(window, o.groups(), extra, x.shape(), weight.shape());
    // An output longer by a stride or more is that with less padding at the end, then zeros.
    List<Long> after = new ArrayList<>(window.paddingEnd());
    long[] within = extra.clone();
    long[] behind = new long[2 * axes];
    for (int i = 0; i < axes; i++) {
      if (extra[i] >= window.stride().get(i)) {
        long taken = Math.min(window.paddingEnd().get(i), extra[i]);
        after.set(i, window.paddingEnd().get(i) - taken);
        within[i] = 0;
        behind[2 * (axes - i) - 1] = extra[i] - taken;
      }
    }
    Window shorter = new Window(window.stride(), window.padding(), after, window.dilation());
    ConvTranspose op = ConvTranspose.of(shorter, o.groups(), within, x.shape(), weight.shape());
    Tensor y = Dispatcher.call(op, x, weight);
    y = Arrays.equals(within, extra) ? y : pad(y, behind);
    if (bias.isPresent()) {
      y = y.add(channels(bias.get(), y.dim()));
    }
    return single ? y.squeeze(0) : y;
  }

  /** The cosine of the angle of vectors along an axis; their lengths count as eps at least. */
  public static Tensor cosineSimilarity(Tensor a, Tensor b, int axis, double eps) {
    Tensor[] both = Torch.broadcastTensors(List.of(a, b)).toArray(Tensor[]::new);
    Tensor lengths =
        both[0].square().sum(axis).mul(both[1].square().sum(axis)).clampMin(eps * eps).sqrt();
    return both[0].mul(both[1]).sum(axis).div(lengths);
  }

  /** The p-norms of the differences of all pairs of rows, (N, D) to (N (N - 1) / 2). */
  public static Tensor pdist(Tensor input, double p) {
    if (input.dim() != 2) {
      throw TorchException.shape("pdist", "input", input.shape(), "two dimensions");
    }
    Tensor pairs = Torch.triuIndices(input.size(0), input.size(0), 1);
    Tensor first = input.indexSelect(0, pairs.select(0, 0));
    return first.sub(input.indexSelect(0, pairs.select(0, 1))).norm(p, new int[] {1}, false);
  }

  /** x1 W x2 + bias: (..., I) and (..., J) with weight (K, I, J) to (..., K). */
  public static Tensor bilinear(Tensor first, Tensor second, Tensor weight, Optional<Tensor> bias) {
    if (weight.dim() != 3
        || first.dim() == 0
        || second.dim() == 0
        || first.size(-1) != weight.size(1)
        || second.size(-1) != weight.size(2)) {
      throw TorchException.shape(
          "bilinear",
          "inputs and weight",
          first.shape() + ", " + second.shape() + ", " + weight.shape(),
          "(..., I), (..., J) and (K, I, J)");
    }
    long[] sizes = first.shape().sizes();
    sizes[sizes.length - 1] = weight.size(0);
    Tensor a = first.reshape(first.numel() / Math.max(first.size(-1), 1), first.size(-1));
    Tensor b = second.reshape(second.numel() / Math.max(second.size(-1), 1), second.size(-1));
    Tensor rows = a.unsqueeze(0).matmul(weight).mul(b.unsqueeze(0)).sum(-1).t();
    return bias.map(rows::add).orElse(rows).reshape(sizes);
  }

  /**
   * The elements of all windows of (N, C, H, W) as columns: (N, C h w, windows). PyTorch: {@code
   * torch.nn.functional.unfold}; each option is one number or two.
   */
  public static Tensor unfold(
      Tensor input, long[] kernel, long[] dilation, long[] padding, long[] stride) {
    if (input.dim() != 4 && input.dim() != 3) {
      throw TorchException.shape("unfold", "input", input.shape(), "(N, C, H, W) or (C, H, W)");
    }
    boolean single = input.dim() == 3;
    Window window = Window.of(2, stride, padding, dilation);
    long[] k = kernel.length == 1 ? Spatial.spread(kernel[0], 2) : kernel;
    Tensor x = single ? input.unsqueeze(0) : input;
    long h = window.padding().get(0);
    long w = window.padding().get(1);
    x = pad(x, w, w, h, h);
    for (int i = 0; i < 2; i++) {
      long reach = window.dilation().get(i) * (k[i] - 1) + 1;
      if (k[i] < 1 || reach > x.size(2 + i)) {
        throw TorchException.argument(
            "unfold", "kernel_size", k[i], "1 or more, within the padded size " + x.size(2 + i));
      }
      x = x.unfold(2 + i, reach, window.stride().get(i));
      x = x.slice(-1, 0, Long.MAX_VALUE, window.dilation().get(i));
    }
    long[] sizes = {x.size(0), x.size(1) * k[0] * k[1], x.size(2) * x.size(3)};
    Tensor columns = x.permute(0, 1, 4, 5, 2, 3).reshape(sizes);
    return single ? columns.squeeze(0) : columns;
  }
}
