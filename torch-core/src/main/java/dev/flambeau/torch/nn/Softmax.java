package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;

/** exp(x) / sum exp(x) along an axis. PyTorch: {@code torch.nn.Softmax}. */
public class Softmax extends Module {
  private final int axis;

  public Softmax(int axis) {
    this.axis = axis;
  }

  @Override
  public Tensor forward(Tensor input) {
    return input.softmax(axis);
  }

  @Override
  protected String describe() {
    return "dim=" + axis;
  }
}
