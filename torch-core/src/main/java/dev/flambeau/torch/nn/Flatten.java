package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;

/** Makes one axis of several, both ends included. PyTorch: {@code torch.nn.Flatten}. */
public class Flatten extends Module {
  private final int start;
  private final int end;

  /** All axes but the first. */
  public Flatten() {
    this(1, -1);
  }

  public Flatten(int start, int end) {
    this.start = start;
    this.end = end;
  }

  @Override
  public Tensor forward(Tensor input) {
    return input.flatten(start, end);
  }

  @Override
  protected String describe() {
    return "start_dim=" + start + ", end_dim=" + end;
  }
}
