package dev.flambeau.torch.data;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;

/** The slices of two tensors along axis 0. PyTorch: {@code torch.utils.data.TensorDataset}. */
public record TensorDataset(Tensor inputs, Tensor targets) implements Dataset<Example> {
  public TensorDataset {
    if (inputs.dim() == 0 || targets.dim() == 0 || inputs.size(0) != targets.size(0)) {
      throw TorchException.shape(
          "TensorDataset",
          "inputs and targets",
          inputs.shape() + " and " + targets.shape(),
          "the same size at axis 0");
    }
  }

  @Override
  public long size() {
    return inputs.size(0);
  }

  @Override
  public Example get(long index) {
    return new Example(inputs.select(0, index), targets.select(0, index));
  }
}
