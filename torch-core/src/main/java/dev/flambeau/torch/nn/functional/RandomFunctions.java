package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.api.Reductions.ValuesIndices;
import java.util.Arrays;

/** Dropout of whole channels and other functions that draw numbers: a part of {@link F}. */
abstract class RandomFunctions extends MixingFunctions {
  /** The negative saturation value of SELU: what is dropped is set to it. */
  private static final double ALPHA = 1.7580993408473766;

  RandomFunctions() {}

  /**
   * Whole channels of (N, C, ...) become 0 with probability p, the others are scaled by 1/(1 - p)
   * (Tompson et al. 2015). PyTorch: {@code dropout1d}, {@code dropout2d}, {@code dropout3d}, {@code
   * feature_dropout}.
   */
  public static Tensor featureDropout(Tensor input, double p, boolean training) {
    F.checkProbability("feature_dropout", p);
    if (!training || p == 0 || input.numel() == 0) {
      return input;
    }
    if (p == 1) {
      return input.mul(input.detach().zerosLike());
    }
    Tensor noise = channels("feature_dropout", input);
    noise.bernoulli_(1 - p, Generator.getDefault());
    return input.mul(noise.div_(Torch.scalar(1 - p)));
  }

  /**
   * Elements take SELU's saturation value with probability p, and all are scaled and shifted so
   * that mean and variance stay (Klambauer et al. 2017).
   */
  public static Tensor alphaDropout(Tensor input, double p, boolean training) {
    return alpha("alpha_dropout", input, p, training, false);
  }

  /** The same for whole channels of (N, C, ...). */
  public static Tensor featureAlphaDropout(Tensor input, double p, boolean training) {
    return alpha("feature_alpha_dropout", input, p, training, true);
  }

  private static Tensor alpha(
      String operator, Tensor input, double p, boolean training, boolean wholeChannels) {
    F.checkProbability(operator, p);
    if (!training || p == 0 || input.numel() == 0) {
      return input;
    }
    if (p == 1) {
      return input.mul(input.detach().zerosLike());
    }
    Tensor noise = wholeChannels ? channels(operator, input) : input.detach().zerosLike();
    noise.bernoulli_(1 - p, Generator.getDefault());
    double a = 1 / Math.sqrt((ALPHA * ALPHA * p + 1) * (1 - p));
    Tensor shift = noise.sub(1).mul(ALPHA * a).add(ALPHA * a * p);
    return input.mul(noise.mul(a)).add(shift);
  }

  /**
   * x where positive, else r x with r uniform on [lower, upper) in training, their mean otherwise
   * (Xu et al. 2015).
   */
  public static Tensor rrelu(Tensor input, double lower, double upper, boolean training) {
    if (!(lower <= upper)) {
      throw TorchException.argument("rrelu", "lower", lower, "at most upper, " + upper);
    }
    if (!training) {
      return F.leakyRelu(input, (lower + upper) / 2);
    }
    Tensor x = input.detach();
    Tensor negative = x.le(0);
    // PyTorch draws a double for each element that is not positive, in order.
    Tensor draws = Torch.empty(DType.F64, negative.sum().itemLong()).uniform_(lower, upper);
    return input.mul(x.onesLike().maskedScatter(negative, draws.to(x.dtype())));
  }

  /**
   * Maxima of windows at pseudo-random distances, and their places, for two or three spatial axes
   * (Graham 2014); the input may lack the batch axis.
   *
   * @param sizes of the output
   */
  public static ValuesIndices fractionalMaxPool(Tensor input, long[] kernel, long... sizes) {
    int axes = sizes.length;
    if (axes < 2
        || axes > 3
        || kernel.length != axes
        || input.dim() != axes + 1 && input.dim() != axes + 2) {
      throw TorchException.shape(
          "fractional_max_pool", "input", input.shape(), "two or three axes after channels");
    }
    boolean single = input.dim() == axes + 1;
    Tensor x = single ? input.unsqueeze(0) : input;
    Tensor samples = Torch.rand(x.dtype(), x.size(0), x.size(1), axes);
    ValuesIndices found = FractionalPooling.pool(x, kernel, sizes, samples);
    return single
        ? new ValuesIndices(found.values().squeeze(0), found.indices().squeeze(0))
        : found;
  }

  /** One element for each channel. */
  private static Tensor channels(String operator, Tensor input) {
    if (input.dim() < 2) {
      throw TorchException.shape(operator, "input", input.shape(), "(N, C, ...)");
    }
    long[] sizes = new long[input.dim()];
    Arrays.fill(sizes, 1);
    sizes[0] = input.size(0);
    sizes[1] = input.size(1);
    return input.detach().zeros(Shape.of(sizes));
  }
}
