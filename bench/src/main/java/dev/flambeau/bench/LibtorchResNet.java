package dev.flambeau.bench;

import static org.bytedeco.pytorch.global.torch.max_pool2d;

import dev.flambeau.bench.LibtorchLayers.Layer;
import org.bytedeco.pytorch.Tensor;

/** torchvision's residual networks in libtorch. */
final class LibtorchResNet {
  private static final double EPS = 1e-5;
  private static final double MOMENTUM = 0.1;

  private final LibtorchLayers layers;

  LibtorchResNet(LibtorchLayers layers) {
    this.layers = layers;
  }

  /** He et al. 2015, blocks of two 3x3 convolutions. */
  Layer resnet18() {
    return net(new int[] {2, 2, 2, 2}, 1, this::basic);
  }

  /** Blocks of 1x1, 3x3 and 1x1 convolutions, the stride in the middle (torchvision's V1.5). */
  Layer resnet50() {
    return net(new int[] {3, 4, 6, 3}, 4, this::bottleneck);
  }

  /** The convolutions of a block beside the shortcut. */
  @FunctionalInterface
  private interface Block {
    Layer main(String name, int in, int width, int stride);
  }

  private Layer net(int[] depths, int expansion, Block block) {
    var net = convNorm("conv1", "bn1", 3, 64, 7, 2).then(LibtorchLayers::relu).then(pool());
    int channels = 64;
    for (int stage = 1; stage <= 4; stage++) {
      int width = 32 << stage;
      for (int i = 0; i < depths[stage - 1]; i++) {
        int stride = stage > 1 && i == 0 ? 2 : 1;
        var name = "layer" + stage + "." + i;
        var main = block.main(name, channels, width, stride);
        net = net.then(residual(name, main, channels, expansion * width, stride));
        channels = expansion * width;
      }
    }
    return net.then(LibtorchLayers.globalPool())
        .then(layers.dense("fc", channels, Input.PICTURES.classes));
  }

  private Layer basic(String name, int in, int width, int stride) {
    return convNorm(name + ".conv1", name + ".bn1", in, width, 3, stride)
        .then(LibtorchLayers::relu)
        .then(convNorm(name + ".conv2", name + ".bn2", width, width, 3, 1));
  }

  private Layer bottleneck(String name, int in, int width, int stride) {
    return convNorm(name + ".conv1", name + ".bn1", in, width, 1, 1)
        .then(LibtorchLayers::relu)
        .then(convNorm(name + ".conv2", name + ".bn2", width, width, 3, stride))
        .then(LibtorchLayers::relu)
        .then(convNorm(name + ".conv3", name + ".bn3", width, 4 * width, 1, 1));
  }

  private Layer residual(String name, Layer main, int in, int out, int stride) {
    Layer shortcut =
        stride == 1 && in == out
            ? x -> x
            : convNorm(name + ".downsample.0", name + ".downsample.1", in, out, 1, stride);
    return x -> {
      try (var identity = shortcut.forward(new Tensor(x))) {
        var y = main.forward(x);
        y.add_(identity);
        return LibtorchLayers.relu(y);
      }
    };
  }

  private Layer convNorm(String conv, String norm, int in, int out, int kernel, int stride) {
    return layers
        .conv(conv, in, out, kernel, stride, 1, false)
        .then(layers.norm(norm, out, EPS, MOMENTUM));
  }

  private static Layer pool() {
    var kernel = LibtorchLayers.pair(3);
    var stride = LibtorchLayers.pair(2);
    var one = LibtorchLayers.pair(1);
    return x -> {
      try (x) {
        return max_pool2d(x, kernel, stride, one, one, false);
      }
    };
  }
}
