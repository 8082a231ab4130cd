package dev.flambeau.torch.nn.init;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.Locale;
import java.util.Set;

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
    SELU;

    private static final Set<String> LAYERS =
        Set.of(
            "conv1d",
            "conv2d",
            "conv3d",
            "conv_transpose1d",
            "conv_transpose2d",
            "conv_transpose3d");

    /**
     * The one that PyTorch calls so; its linear layers are {@link #LINEAR}.
     *
     * @throws TorchException if there is none
     */
    public static Nonlinearity of(String name) {
      if (LAYERS.contains(name)) {
        return LINEAR;
      }
      for (Nonlinearity n : values()) {
        if (n.name().toLowerCase(Locale.ROOT).equals(name)) {
          return n;
        }
      }
      throw TorchException.argument(
          "calculate_gain",
          "nonlinearity",
          name,
          "linear, sigmoid, tanh, relu, leaky_relu, selu or a convolution");
    }
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

  /** {@link #calculateGain(Nonlinearity, double)} with a slope of 0.01. */
  public static double calculateGain(Nonlinearity nonlinearity) {
    return calculateGain(nonlinearity, 0.01);
  }

  /**
   * The recommended factor on the standard deviation.
   *
   * @param slope of the negative half; only for {@link Nonlinearity#LEAKY_RELU}
   */
  public static double calculateGain(Nonlinearity nonlinearity, double slope) {
    return switch (nonlinearity) {
      case LINEAR, SIGMOID -> 1;
      case TANH -> 5.0 / 3;
      case RELU -> Math.sqrt(2);
      case LEAKY_RELU -> Math.sqrt(2 / (1 + slope * slope));
      case SELU -> 0.75;
    };
  }

  /** {@link #xavierUniform_(Tensor, double)} with gain 1. */
  public static Tensor xavierUniform_(Tensor t) {
    return xavierUniform_(t, 1);
  }

  /** Uniform in +- gain sqrt(6 / (fan in + fan out)) (Glorot and Bengio 2010). */
  public static Tensor xavierUniform_(Tensor t, double gain) {
    double bound = Math.sqrt(3) * xavier(t, gain);
    return uniform_(t, -bound, bound);
  }

  /** {@link #xavierNormal_(Tensor, double)} with gain 1. */
  public static Tensor xavierNormal_(Tensor t) {
    return xavierNormal_(t, 1);
  }

  /** Normal with deviation gain sqrt(2 / (fan in + fan out)) (Glorot and Bengio 2010). */
  public static Tensor xavierNormal_(Tensor t, double gain) {
    return normal_(t, 0, xavier(t, gain));
  }

  private static double xavier(Tensor t, double gain) {
    return gain * Math.sqrt(2.0 / (fan(t, Fan.IN) + fan(t, Fan.OUT)));
  }

  /** {@link #kaimingUniform_(Tensor, double)} with a slope of 0. */
  public static Tensor kaimingUniform_(Tensor t) {
    return kaimingUniform_(t, 0);
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
    double bound = Math.sqrt(3) * (calculateGain(after, slope) / Math.sqrt(fan(t, fan)));
    return uniform_(t, -bound, bound);
  }

  /** {@link #kaimingNormal_(Tensor, double)} with a slope of 0. */
  public static Tensor kaimingNormal_(Tensor t) {
    return kaimingNormal_(t, 0);
  }

  /** {@link #kaimingNormal_(Tensor, double, Fan, Nonlinearity)} for leaky ReLU and fan in. */
  public static Tensor kaimingNormal_(Tensor t, double slope) {
    return kaimingNormal_(t, slope, Fan.IN, Nonlinearity.LEAKY_RELU);
  }

  /** Normal with deviation gain / sqrt(fan) (He et al. 2015). */
  public static Tensor kaimingNormal_(Tensor t, double slope, Fan fan, Nonlinearity after) {
    return t.numel() == 0 ? t : normal_(t, 0, calculateGain(after, slope) / Math.sqrt(fan(t, fan)));
  }

  /** A bias of {@code size} elements, uniform in +- 1/sqrt(fan in of {@code weight}). */
  public static Tensor fanInUniform(Tensor weight, long size) {
    Tensor bias = Torch.empty(weight.dtype(), size);
    long fanIn = fan(weight, Fan.IN);
    double bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
    return uniform_(bias, -bound, bound);
  }

  /** {@link #truncNormal_(Tensor, double, double, double, double)}: 0, 1, -2, 2. */
  public static Tensor truncNormal_(Tensor t) {
    return truncNormal_(t, 0, 1, -2, 2);
  }

  /** Normal, but nothing below {@code low} or above {@code high}. */
  public static Tensor truncNormal_(Tensor t, double mean, double std, double low, double high) {
    return Matrices.truncatedNormal(t, mean, std, low, high);
  }

  /** 1 on the diagonal of a matrix, else 0. */
  public static Tensor eye_(Tensor t) {
    return Matrices.eye(t);
  }

  /** {@link #dirac_(Tensor, long)} with one group. */
  public static Tensor dirac_(Tensor t) {
    return dirac_(t, 1);
  }

  /**
   * The weight of a convolution over one to three axes that gives as many channels as it can as
   * they are, in each group of the output's channels: 1 in the middle of their kernels, else 0.
   */
  public static Tensor dirac_(Tensor t, long groups) {
    return Matrices.dirac(t, groups);
  }

  /** {@link #orthogonal_(Tensor, double)} with gain 1. */
  public static Tensor orthogonal_(Tensor t) {
    return orthogonal_(t, 1);
  }

  /** Orthonormal rows, or columns where there are fewer, times the gain (Saxe et al. 2014). */
  public static Tensor orthogonal_(Tensor t, double gain) {
    return Matrices.orthogonal(t, gain);
  }

  /**
   * Normal with mean 0, with so many zeros, at random rows, in each column of a matrix (Martens
   * 2010).
   *
   * @param sparsity the part of each column that is 0
   * @param std PyTorch's default is 0.01
   */
  public static Tensor sparse_(Tensor t, double sparsity, double std) {
    return Matrices.sparse(t, sparsity, std);
  }
}
