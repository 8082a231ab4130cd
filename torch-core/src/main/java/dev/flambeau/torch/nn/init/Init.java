package dev.flambeau.torch.nn.init;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;

/**
 * Starting values of parameters, written in place without recording gradients. PyTorch: {@code
 * torch.nn.init}.
 */
public final class Init {
  private Init() {}

  /** Whether the variance is kept in the forward or in the backward pass. */
  public enum Fan {
    IN,
    OUT
  }

  /** What follows the layer, which decides the gain. */
  public enum Nonlinearity {
    LINEAR,
    SIGMOID,
    TANH,
    RELU,
    LEAKY_RELU,
    SELU
  }

  /** Uniform on [low, high). */
  public static Tensor uniform_(Tensor t, double low, double high) {
    return Torch.noGrad(() -> t.uniform_(low, high));
  }

  public static Tensor normal_(Tensor t, double mean, double std) {
    return Torch.noGrad(() -> t.normal_(mean, std));
  }

  public static Tensor constant_(Tensor t, double value) {
    return Torch.noGrad(() -> t.fill_(value));
  }

  public static Tensor ones_(Tensor t) {
    return constant_(t, 1);
  }

  public static Tensor zeros_(Tensor t) {
    return constant_(t, 0);
  }

  /**
   * Inputs (fan in) or outputs (fan out) each weight takes part in: size of axis 1 or 0 times the
   * sizes of the axes after them.
   *
   * @throws TorchException if the tensor has fewer than two axes
   */
  public static long fan(Tensor weight, Fan fan) {
    if (weight.dim() < 2) {
      throw TorchException.shape("fan", "tensor", weight.shape(), "at least two dimensions");
    }
    long field = 1;
    for (int axis = 2; axis < weight.dim(); axis++) {
      field *= weight.size(axis);
    }
    return weight.size(fan == Fan.IN ? 1 : 0) * field;
  }

  /**
   * The recommended factor on the standard deviation.
   *
   * @param slope of the negative half; only for {@link Nonlinearity#LEAKY_RELU}
   */
  public static double gain(Nonlinearity nonlinearity, double slope) {
    return switch (nonlinearity) {
      case LINEAR, SIGMOID -> 1;
      case TANH -> 5.0 / 3;
      case RELU -> Math.sqrt(2);
      case LEAKY_RELU -> Math.sqrt(2 / (1 + slope * slope));
      case SELU -> 0.75;
    };
  }

  /** Uniform in +- gain sqrt(6 / (fan in + fan out)) (Glorot and Bengio 2010). */
  public static Tensor xavierUniform_(Tensor t, double gain) {
    double bound = gain * Math.sqrt(6.0 / (fan(t, Fan.IN) + fan(t, Fan.OUT)));
    return uniform_(t, -bound, bound);
  }

  /** Normal with deviation gain sqrt(2 / (fan in + fan out)) (Glorot and Bengio 2010). */
  public static Tensor xavierNormal_(Tensor t, double gain) {
    return normal_(t, 0, gain * Math.sqrt(2.0 / (fan(t, Fan.IN) + fan(t, Fan.OUT))));
  }

  /** {@link #kaimingUniform_(Tensor, double, Fan, Nonlinearity)} for leaky ReLU and fan in. */
  public static Tensor kaimingUniform_(Tensor t, double slope) {
    return kaimingUniform_(t, slope, Fan.IN, Nonlinearity.LEAKY_RELU);
  }

  /** Uniform in +- gain sqrt(3 / fan) (He et al. 2015). */
  public static Tensor kaimingUniform_(Tensor t, double slope, Fan fan, Nonlinearity after) {
    if (t.numel() == 0) {
      return t;
    }
    double bound = Math.sqrt(3) * gain(after, slope) / Math.sqrt(fan(t, fan));
    return uniform_(t, -bound, bound);
  }

  /** Normal with deviation gain / sqrt(fan) (He et al. 2015). */
  public static Tensor kaimingNormal_(Tensor t, double slope, Fan fan, Nonlinearity after) {
    return t.numel() == 0 ? t : normal_(t, 0, gain(after, slope) / Math.sqrt(fan(t, fan)));
  }

  /** A bias of {@code size} elements, uniform in +- 1/sqrt(fan in of {@code weight}). */
  public static Tensor fanInUniform(Tensor weight, long size) {
    Tensor bias = Torch.empty(weight.dtype(), size);
    long fanIn = fan(weight, Fan.IN);
    double bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
    return uniform_(bias, -bound, bound);
  }
}
