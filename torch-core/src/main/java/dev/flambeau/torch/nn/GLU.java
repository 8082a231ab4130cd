package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;

/**
 * The first half of an axis times the sigmoid of the second (Dauphin et al. 2017). PyTorch: {@code
 * torch.nn.GLU}.
 */
public class GLU extends Module {
  private final int axis;

  /** Along the last axis. */
  public GLU() {
    this(-1);
  }

  public GLU(int axis) {
    this.axis = axis;
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.glu(input, axis);
  }

  @Override
  protected String describe() {
    return "dim=" + axis;
  }
}
