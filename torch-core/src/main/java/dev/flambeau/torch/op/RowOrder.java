package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;

/** The lexicographic order of a matrix's rows, as I64 row numbers; equal rows keep their order. */
public record RowOrder() implements Structured {
  @Override
  public String name() {
    return "row_order";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    return new Meta[] {Meta.contiguous(DType.I64, inputs[0].device(), Shape.of(inputs[0].size(0)))};
  }

  @Override
  public Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    return new Tensor[1];
  }
}
