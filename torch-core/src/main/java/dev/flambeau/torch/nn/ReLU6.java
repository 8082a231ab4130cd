package dev.flambeau.torch.nn;

import dev.flambeau.torch.op.Pointwise;

/** min(max(x, 0), 6). PyTorch: {@code torch.nn.ReLU6}. */
public class ReLU6 extends Activation {
  public ReLU6() {
    super(Pointwise.RELU6);
  }
}
