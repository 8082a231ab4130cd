package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.Arrays;

/** Dropout of whole channels, and for self-normalizing networks: a part of {@link F}. */
abstract class DropoutFunctions extends MixingFunctions {
  /** The negative saturation value of SELU: what is dropped is set to it. */
  private static final double ALPHA = 1.7580993408473766;

  DropoutFunctions() {}

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
