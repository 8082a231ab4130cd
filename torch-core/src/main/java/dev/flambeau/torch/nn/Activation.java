package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.Pointwise;

/** A module that applies one pointwise operator. */
public abstract class Activation extends Module {
  private final Pointwise op;
  private final String attributes;

  Activation(Pointwise op) {
    this(op, "");
  }

  Activation(Pointwise op, String attributes) {
    this.op = op;
    this.attributes = attributes;
  }

  @Override
  public Tensor forward(Tensor input) {
    return input.apply(op);
  }

  @Override
  protected String describe() {
    return attributes;
  }
}
