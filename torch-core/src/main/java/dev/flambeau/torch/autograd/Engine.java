package dev.flambeau.torch.autograd;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.Optional;

/** Gradients of recorded calls: what {@code backward} and {@code grad} do. */
public final class Engine {
  private Engine() {}

  /** Accumulates into the leaves' gradients; PyTorch: {@code torch.autograd.backward}. */
  public static void backward(
      Tensor[] roots, Tensor[] gradients, boolean retainGraph, boolean createGraph) {
    new Backward(retainGraph, createGraph, null).run(roots, gradients);
  }

  /** The same into the gradients of {@code inputs} only. */
  public static void backward(
      Tensor[] roots,
      Tensor[] gradients,
      Tensor[] inputs,
      boolean retainGraph,
      boolean createGraph) {
    Targets targets = new Targets("backward", roots, inputs);
    new Backward(retainGraph, createGraph, targets).run(roots, gradients);
    for (Tensor input : targets.distinctInputs()) {
      Tensor g = targets.gradient(input);
      if (g != null) {
        Accumulation.add(input, g, createGraph);
        Accumulation.tell(input);
      }
    }
  }

  /**
   * The gradients by {@code inputs}, leaving their {@code grad} alone. PyTorch: {@code
   * torch.autograd.grad}.
   *
   * @param allowUnused whether an input the roots do not depend on is no error; it gets zeros
   */
  public static Tensor[] grad(
      Tensor[] roots,
      Tensor[] gradients,
      Tensor[] inputs,
      boolean retainGraph,
      boolean createGraph,
      boolean allowUnused) {
    Targets targets = new Targets("grad", roots, inputs);
    if (!allowUnused) {
      targets.checkReached();
    }
    new Backward(retainGraph, createGraph, targets).run(roots, gradients);
    Tensor[] out = new Tensor[inputs.length];
    for (int i = 0; i < out.length; i++) {
      Tensor g = targets.gradient(inputs[i]);
      out[i] = g == null ? inputs[i].detach().zerosLike() : g;
    }
    return out;
  }

  /**
   * The gradient to start from: {@code given}, or 1 for an output of one element.
   *
   * @throws TorchException if there is none for more elements, or its shape or type is another
   */
  public static Tensor seed(String operator, Tensor output, Optional<Tensor> given) {
    if (given.isEmpty() && output.numel() != 1) {
      throw TorchException.gradient(
          operator
              + ": without a gradient argument the tensor must have one element, but its shape is "
              + output.shape());
    }
    Tensor seed = given.orElseGet(() -> output.detach().onesLike());
    if (!seed.shape().equals(output.shape())) {
      throw TorchException.shape(
          operator, "gradient", seed.shape(), "the output's shape, " + output.shape());
    }
    if (seed.dtype() != output.dtype()) {
      throw TorchException.type(
          operator, "gradient", seed.dtype(), "the output's type, " + output.dtype());
    }
    return seed;
  }
}
