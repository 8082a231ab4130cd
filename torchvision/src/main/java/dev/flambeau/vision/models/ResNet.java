package dev.flambeau.vision.models;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.AdaptiveAvgPool2d;
import dev.flambeau.torch.nn.BatchNorm2d;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.MaxPool2d;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.Sequential;
import dev.flambeau.torch.nn.init.Init;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Residual network of basic blocks (He et al. 2015, Deep Residual Learning for Image Recognition):
 * (N, 3, H, W) to (N, classes), usually 224 x 224. PyTorch: {@code torchvision.models.resnet18}.
 */
public final class ResNet extends Module {
  private final Conv2d conv1 = new Conv2d(3, 64, 7, o -> o.stride(2).padding(3).bias(false));
  private final BatchNorm2d bn1 = new BatchNorm2d(64);
  private final MaxPool2d maxpool = new MaxPool2d(3, o -> o.stride(2).padding(1));
  private final Sequential layer1;
  private final Sequential layer2;
  private final Sequential layer3;
  private final Sequential layer4;
  private final AdaptiveAvgPool2d avgpool = new AdaptiveAvgPool2d(1);
  private final Linear fc;

  /** Two 3x3 convolutions beside a shortcut. */
  private static final class BasicBlock extends Module {
    private final Conv2d conv1;
    private final BatchNorm2d bn1;
    private final Conv2d conv2;
    private final BatchNorm2d bn2;
    private final Optional<Sequential> downsample;

    BasicBlock(long in, long out, long stride) {
      conv1 = new Conv2d(in, out, 3, o -> o.stride(stride).padding(1).bias(false));
      bn1 = new BatchNorm2d(out);
      conv2 = new Conv2d(out, out, 3, o -> o.padding(1).bias(false));
      bn2 = new BatchNorm2d(out);
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
      return bn2.call(conv2.call(y)).add_(shortcut).relu_();
    }
  }

  private ResNet(int[] blocks, long classes) {
    layer1 = layer(64, 64, blocks[0], 1);
    layer2 = layer(64, 128, blocks[1], 2);
    layer3 = layer(128, 256, blocks[2], 2);
    layer4 = layer(256, 512, blocks[3], 2);
    fc = new Linear(512, classes);
    namedModules()
        .values()
        .forEach(
            module -> {
              if (module instanceof Conv2d conv) {
                Init.kaimingNormal_(conv.weight, 0, Init.Fan.OUT, Init.Nonlinearity.RELU);
              }
            });
  }

  private static Sequential layer(long in, long out, int blocks, long stride) {
    List<Module> all = new ArrayList<>();
    all.add(new BasicBlock(in, out, stride));
    for (int i = 1; i < blocks; i++) {
      all.add(new BasicBlock(out, out, 1));
    }
    return new Sequential(all);
  }

  /** 18 layers, 1000 classes: 11,689,512 parameters. */
  public static ResNet resnet18() {
    return resnet18(1000);
  }

  public static ResNet resnet18(long classes) {
    return new ResNet(new int[] {2, 2, 2, 2}, classes);
  }

  /** 34 layers, 1000 classes: 21,797,672 parameters. */
  public static ResNet resnet34() {
    return resnet34(1000);
  }

  public static ResNet resnet34(long classes) {
    return new ResNet(new int[] {3, 4, 6, 3}, classes);
  }

  @Override
  public Tensor forward(Tensor x) {
    x = maxpool.call(bn1.forwardRelu(conv1.call(x)));
    x = layer4.call(layer3.call(layer2.call(layer1.call(x))));
    return fc.call(avgpool.call(x).flatten(1));
  }
}
