package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.Pointwise;
import java.util.Arrays;

/** The activation functions of {@link F}. */
abstract class ActivationFunctions {
  ActivationFunctions() {}

  /** {@link Pointwise#GELU}. */
  public static Tensor gelu(Tensor input) {
    return input.apply(Pointwise.GELU);
  }

  /** {@link Pointwise#GELU}, or its approximation by tanh; PyTorch: {@code approximate="tanh"}. */
  public static Tensor gelu(Tensor input, boolean tanh) {
    return input.apply(tanh ? Pointwise.GELU_TANH : Pointwise.GELU);
  }

  /** {@link Pointwise#SILU}. */
  public static Tensor silu(Tensor input) {
    return input.apply(Pointwise.SILU);
  }

  /** {@link Pointwise#RELU6}. */
  public static Tensor relu6(Tensor input) {
    return input.apply(Pointwise.RELU6);
  }

  /** {@link Pointwise#HARDSIGMOID}. */
  public static Tensor hardsigmoid(Tensor input) {
    return input.apply(Pointwise.HARDSIGMOID);
  }

  /** {@link Pointwise#HARDSWISH}. */
  public static Tensor hardswish(Tensor input) {
    return input.apply(Pointwise.HARDSWISH);
  }

  /** {@link Pointwise#SOFTPLUS}. */
  public static Tensor softplus(Tensor input) {
    return input.apply(Pointwise.SOFTPLUS);
  }

  /** {@link Activations#softplus}. */
  public static Tensor softplus(Tensor input, double beta, double threshold) {
    return input.apply(Activations.softplus(beta, threshold));
  }

  /** {@link Pointwise#RELU}. */
  public static Tensor relu(Tensor input) {
    return input.apply(Pointwise.RELU);
  }

  /** {@link Activations#MISH}. */
  public static Tensor mish(Tensor input) {
    return input.apply(Activations.MISH);
  }

  /** {@link Activations#SOFTSIGN}. */
  public static Tensor softsign(Tensor input) {
    return input.apply(Activations.SOFTSIGN);
  }

  /** {@link Activations#TANHSHRINK}. */
  public static Tensor tanhshrink(Tensor input) {
    return input.apply(Activations.TANHSHRINK);
  }

  /** {@link Activations#LOG_SIGMOID}. */
  public static Tensor logsigmoid(Tensor input) {
    return input.apply(Activations.LOG_SIGMOID);
  }

  /** {@link Activations#SELU}. */
  public static Tensor selu(Tensor input) {
    return input.apply(Activations.SELU);
  }

  /** {@link Activations#elu}. */
  public static Tensor elu(Tensor input, double alpha) {
    return input.apply(Activations.elu(alpha));
  }

  /** {@link Activations#celu}. */
  public static Tensor celu(Tensor input, double alpha) {
    return input.apply(Activations.celu(alpha));
  }

  /** {@link Activations#hardshrink}. */
  public static Tensor hardshrink(Tensor input, double lambda) {
    return input.apply(Activations.hardshrink(lambda));
  }

  /** {@link Activations#softshrink}. */
  public static Tensor softshrink(Tensor input, double lambda) {
    return input.apply(Activations.softshrink(lambda));
  }

  /** {@link Activations#threshold}. */
  public static Tensor threshold(Tensor input, double threshold, double value) {
    return input.apply(Activations.threshold(threshold, value));
  }

  /** {@link Pointwise#leakyRelu}. */
  public static Tensor leakyRelu(Tensor input, double slope) {
    return input.apply(Pointwise.leakyRelu(slope));
  }

  /** min(max(x, low), high); the gradient is 0 at the bounds. */
  public static Tensor hardtanh(Tensor input, double low, double high) {
    return input.apply(Pointwise.clamp("nn.functional.hardtanh", low, high));
  }

  /**
   * x where positive, else weight * x (He et al. 2015).
   *
   * @param weight one number, or one for each channel, axis 1
   */
  public static Tensor prelu(Tensor input, Tensor weight) {
    long channels = input.dim() > 1 ? input.size(1) : 1;
    if (weight.numel() != 1 && weight.numel() != channels || weight.dim() > 1) {
      throw TorchException.shape(
          "prelu", "weight", weight.shape(), "[1] or the number of channels, [" + channels + "]");
    }
    long[] sizes = new long[Math.max(input.dim(), 1)];
    Arrays.fill(sizes, 1);
    if (weight.numel() > 1) {
      sizes[1] = channels;
    }
    Tensor slopes = input.dim() == 0 ? weight.reshape() : weight.reshape(sizes);
    return input.apply(Activations.PRELU, slopes);
  }

  /** The first half of an axis times the sigmoid of the second (Dauphin et al. 2017). */
  public static Tensor glu(Tensor input, int axis) {
    if (input.dim() == 0) {
      throw TorchException.shape("glu", "input", input.shape(), "at least one dimension");
    }
    long size = input.size(axis);
    if (size % 2 != 0) {
      throw TorchException.shape("glu", "input", input.shape(), "an even size of axis " + axis);
    }
    Tensor gate = input.narrow(axis, size / 2, size / 2).sigmoid();
    return input.narrow(axis, 0, size / 2).mul(gate);
  }

  /** The softmax of minus the input. */
  public static Tensor softmin(Tensor input, int axis) {
    return input.neg().softmax(axis);
  }
}
