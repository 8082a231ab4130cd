package dev.flambeau.torch.nn.utils;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Module;
import java.util.List;

/**
 * A module that computes a tensor from what is trained in its place. Any module that maps one
 * tensor to another will do as a parametrization; this is one that has a right inverse, or is
 * trained by several tensors. PyTorch: modules with {@code right_inverse}.
 */
public abstract class Parametrization extends Module {
  protected Parametrization() {}

  /** The tensor, from what is trained. */
  protected Tensor compute(List<Tensor> originals) {
    return forward(originals.getFirst());
  }

  /**
   * What has to be trained for {@code value} to be the result.
   *
   * @throws TorchException if there is no such function
   */
  protected List<Tensor> rightInverse(Tensor value) {
    return List.of(value);
  }
}
