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

  Layer resnet18() {
    var pool = pool();
    var net = convNorm("conv1", "bn1", 3, 64, 7, 2).then(LibtorchLayers::relu).then(pool);
    int channels = 64;
    for (int stage = 1; stage <= 4; stage++) {
      int width = 32 << stage;
      for (int i = 0; i < 2; i++) {
        int stride = stage > 1 && i == 0 ? 2 : 1;
        net = net.then(block("layer" + stage + "." + i, channels, width, stride));
        channels = width;
      }
    }
    return net.then(LibtorchLayers.globalPool())
        .then(layers.dense("fc", 512, Input.PICTURES.classes));
  }

  private Layer block(String name, int in, int out, int stride) {
    var main =
        convNorm(name + ".conv1", name + ".bn1", in, out, 3, stride)
            .then(LibtorchLayers::relu)
            .then(convNorm(name + ".conv2", name + ".bn2", out, out, 3, 1));
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
