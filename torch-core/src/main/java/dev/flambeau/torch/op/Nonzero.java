package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;

/**
 * The positions of the elements that are not 0, in row-major order: I64, {@code count} (how many
 * there are; if more, the last is repeated) by rank. PyTorch: {@code torch.nonzero}.
 */
public record Nonzero(long count) implements Structured {
  @Override
  public String name() {
    return "nonzero";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Shape shape = Shape.of(count, inputs[0].rank());
    return new Meta[] {Meta.contiguous(DType.I64, inputs[0].device(), shape)};
  }

  @Override
  public Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    return new Tensor[1];
  }

  /** How many elements are not 0: I64 without dimensions. */
  public record Count() implements Structured {
    @Override
    public String name() {
      return "count_nonzero";
    }

    @Override
    public Meta[] infer(Meta[] inputs) {
      return new Meta[] {Meta.contiguous(DType.I64, inputs[0].device(), Shape.of())};
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
}
