package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;

/** A tensor of one repeated value; integers are taken from {@code bits} so that I64 is exact. */
public record Full(Meta meta, double value, long bits) implements Structured {
  @Override
  public String name() {
    return "full";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    return new Meta[] {meta};
  }

  @Override
  public Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    return new Tensor[0];
  }
}
