package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;

/**
 * The softmax over the channels of (N, C, H, W) or (C, H, W). PyTorch: {@code torch.nn.Softmax2d}.
 */
public class Softmax2d extends Module {
  public Softmax2d() {}

  @Override
  public Tensor forward(Tensor input) {
    if (input.dim() != 3 && input.dim() != 4) {
      throw TorchException.shape("Softmax2d", "input", input.shape(), "(N, C, H, W) or (C, H, W)");
    }
    return input.softmax(-3);
  }
}
