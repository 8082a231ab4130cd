package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;

/**
 * Where values belong in ascending sequences (I64): before equal elements, or behind them if {@code
 * right}. Inputs: sequences, values; a 1-d sequence serves all values, else both have the same
 * leading sizes. PyTorch: {@code torch.searchsorted}.
 */
public record SearchSorted(boolean right) implements Structured {
  @Override
  public String name() {
    return "searchsorted";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta sequences = inputs[0];
    Meta values = inputs[1];
    if (sequences.dtype() != values.dtype()) {
      throw TorchException.type(name(), "values", values.dtype(), sequences.dtype().toString());
    }
    if (sequences.rank() == 0) {
      throw TorchException.shape(
          name(), "sorted_sequence", sequences.shape(), "at least one dimension");
    }
    boolean fits = sequences.rank() == 1 || sequences.rank() == values.rank();
    for (int i = 0; fits && sequences.rank() > 1 && i < values.rank() - 1; i++) {
      fits = sequences.size(i) == values.size(i);
    }
    if (!fits) {
      throw TorchException.shape(
          name(),
          "values",
          values.shape(),
          "the sizes of the sorted sequence, " + sequences.shape() + ", except the last");
    }
    return new Meta[] {Meta.contiguous(DType.I64, values.device(), values.shape())};
  }

  @Override
  public Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    return new Tensor[2];
  }
}
