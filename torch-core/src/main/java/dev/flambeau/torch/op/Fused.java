package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A convolution or matrix product, what is added to it and its activation in one go: base(x,
 * weight) + bias [+ residual], then the activation. Inputs: x, weight, bias (one number an output
 * channel or column), and the residual, of the result's shape. Made for inference; it has no
 * gradient.
 *
 * @param base {@link Conv}, or {@link MatMul} of two matrices
 */
public record Fused(Structured base, boolean residual, Optional<Pointwise> activation)
    implements Structured {
  /** The activations that may be fused. */
  public static final List<Pointwise> ACTIVATIONS =
      List.of(
          Pointwise.RELU,
          Pointwise.RELU6,
          Pointwise.HARDSWISH,
          Pointwise.HARDSIGMOID,
          Pointwise.SIGMOID,
          Pointwise.TANH,
          Pointwise.SILU,
          Pointwise.GELU,
          Pointwise.GELU_TANH);

  @Override
  public String name() {
    return "fused_" + base.name();
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    return base.infer(Arrays.copyOf(inputs, 2));
  }

  @Override
  public Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    throw TorchException.gradient(name() + " has no gradient");
  }

  @Override
  public Optional<Tensor[]> decompose(Tensor[] inputs) {
    Tensor y = Dispatcher.call(base, inputs[0], inputs[1]);
    y = y.add(y.dim() > 2 ? BatchNorm.channels(inputs[2], y.dim()) : inputs[2]);
    if (residual) {
      y = y.add(inputs[3]);
    }
    return Optional.of(new Tensor[] {activation.isPresent() ? y.apply(activation.get()) : y});
  }
}
