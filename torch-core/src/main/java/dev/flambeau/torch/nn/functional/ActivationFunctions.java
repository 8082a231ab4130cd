package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.Pointwise;

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
}
