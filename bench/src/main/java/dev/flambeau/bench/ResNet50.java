package dev.flambeau.bench;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.AdaptiveAvgPool2d;
import dev.flambeau.torch.nn.BatchNorm2d;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.MaxPool2d;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.Sequential;
import java.util.Optional;

/**
 * Residual network of 50 layers (He et al. 2015), with torchvision's names and strides: (N, 3, 224,
 * 224) to (N, 1000).
 */
final class ResNet50 extends Module {
  final Conv2d conv1 = new Conv2d(3, 64, 7, o -> o.stride(2).padding(3).bias(false));
  final BatchNorm2d bn1 = new BatchNorm2d(64);
  final MaxPool2d maxpool = new MaxPool2d(3, o -> o.stride(2).padding(1));
  final Sequential layer1 = stage(64, 64, 3, 1);
  final Sequential layer2 = stage(256, 128, 4, 2);
  final Sequential layer3 = stage(512, 256, 6, 2);
  final Sequential layer4 = stage(1024, 512, 3, 2);
  final AdaptiveAvgPool2d avgpool = new AdaptiveAvgPool2d(1);
  final Linear fc = new Linear(2048, Input.PICTURES.classes);

  /** 1x1, 3x3 and 1x1 convolutions beside a shortcut. */
  private static final class Bottleneck extends Module {
    final Conv2d conv1;
    final BatchNorm2d bn1;
    final Conv2d conv2;
    final BatchNorm2d bn2;
    final Conv2d conv3;
    final BatchNorm2d bn3;
    final Optional<Sequential> downsample;

    Bottleneck(int in, int width, int stride) {
      int out = 4 * width;
      conv1 = new Conv2d(in, width, 1, o -> o.bias(false));
      bn1 = new BatchNorm2d(width);
      conv2 = new Conv2d(width, width, 3, o -> o.stride(stride).padding(1).bias(false));
      bn2 = new BatchNorm2d(width);
      conv3 = new Conv2d(width, out, 1, o -> o.bias(false));
      bn3 = new BatchNorm2d(out);
      downsample =
          stride == 1 && in == out
              ? Optional.empty()
              : Optional.of(
                  new Sequential(
                      new Conv2d(in, out, 1, o -> o.stride(stride).bias(false)),
                      new BatchNorm2d(out)));
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor shortcut = downsample.map(d -> d.call(x)).orElse(x);
      Tensor y = bn1.forwardRelu(conv1.call(x));
      y = bn2.forwardRelu(conv2.call(y));
      return bn3.call(conv3.call(y)).add_(shortcut).relu_();
    }
  }

  private static Sequential stage(int in, int width, int depth, int stride) {
    var blocks = new Module[depth];
    for (int i = 0; i < depth; i++) {
      blocks[i] = i == 0 ? new Bottleneck(in, width, stride) : new Bottleneck(4 * width, width, 1);
    }
    return new Sequential(blocks);
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = maxpool.call(bn1.forwardRelu(conv1.call(x)));
    y = layer4.call(layer3.call(layer2.call(layer1.call(y))));
    return fc.call(avgpool.call(y).flatten(1));
  }
}
