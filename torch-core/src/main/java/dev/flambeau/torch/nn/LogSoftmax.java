package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;

/** x - log(sum exp(x)) along an axis. PyTorch: {@code torch.nn.LogSoftmax}. */
public class LogSoftmax extends Module {
  private final int axis;

  public LogSoftmax(int axis) {
    this.axis = axis;
  }

  @Override
  public Tensor forward(Tensor input) {
    return input.logSoftmax(axis);
  }

  @Override
  protected String describe() {
    return "dim=" + axis;
  }
}
