package dev.flambeau.torch.nn.utils;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.List;

/**
 * All parameters as one vector. PyTorch: {@code torch.nn.utils.parameters_to_vector}, {@code
 * vector_to_parameters}.
 */
public final class Vectors {
  private Vectors() {}

  /** All elements one after the other; gradients flow back. */
  public static Tensor parametersToVector(List<Tensor> parameters) {
    if (parameters.isEmpty()) {
      throw TorchException.argument("parameters_to_vector", "parameters", "none", "one at least");
    }
    return Torch.cat(parameters.stream().map(Tensor::ravel).toList(), 0);
  }

  /**
   * Copies a vector's elements into the parameters, in order.
   *
   * @throws TorchException if it has another length than they have together
   */
  public static void vectorToParameters(Tensor vector, List<Tensor> parameters) {
    long all = parameters.stream().mapToLong(Tensor::numel).sum();
    if (vector.dim() != 1 || vector.numel() != all) {
      throw TorchException.shape(
          "vector_to_parameters", "vec", vector.shape(), "one axis of " + all);
    }
    Torch.noGrad(
        () -> {
          long at = 0;
          for (Tensor p : parameters) {
            p.copy_(vector.narrow(0, at, p.numel()).reshape(p.shape().sizes()));
            at += p.numel();
          }
        });
  }
}
