package dev.flambeau.vision.models;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.Module;

/**
 * Scales each channel by a number computed from the means of all (Hu et al. 2018), here with a hard
 * sigmoid. PyTorch: {@code torchvision.ops.SqueezeExcitation}.
 */
final class SqueezeExcitation extends Module {
  private final Conv2d fc1;
  private final Conv2d fc2;

  SqueezeExcitation(long channels, long squeezed) {
    fc1 = new Conv2d(channels, squeezed, 1);
    fc2 = new Conv2d(squeezed, channels, 1);
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor mean = x.mean(new int[] {2, 3}, true);
    return x.mul(fc2.call(fc1.call(mean).relu()).hardsigmoid());
  }
}
