package dev.flambeau.tutorials;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.BatchNorm2d;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.Dropout;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.functional.F;

/** Two convolutions and two linear layers: (N, 1, 28, 28) to scores of 10 classes. */
final class ClothesNet extends Module {
  final Conv2d conv1 = new Conv2d(1, 16, 3, o -> o.padding(1));
  final BatchNorm2d norm1 = new BatchNorm2d(16);
  final Conv2d conv2 = new Conv2d(16, 32, 3, o -> o.padding(1));
  final BatchNorm2d norm2 = new BatchNorm2d(32);
  final Linear hidden = new Linear(32 * 7 * 7, 128);
  final Dropout dropout = new Dropout(0.25);
  final Linear scores = new Linear(128, 10);

  @Override
  public Tensor forward(Tensor pictures) {
    Tensor x = F.maxPool2d(norm1.call(conv1.call(pictures)).relu(), 2);
    x = F.maxPool2d(norm2.call(conv2.call(x)).relu(), 2);
    return scores.call(dropout.call(hidden.call(x.flatten(1, -1)).relu()));
  }
}
