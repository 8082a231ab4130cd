package dev.flambeau.bench;

import static org.bytedeco.pytorch.global.torch.relu6_;

import dev.flambeau.bench.LibtorchLayers.Layer;
import org.bytedeco.pytorch.Tensor;

/** torchvision's mobilenet_v2 in libtorch, without dropout. */
final class LibtorchMobileNetV2 {
  private static final double EPS = 1e-5;
  private static final double MOMENTUM = 0.1;

  private LibtorchMobileNetV2() {}

  static Layer build(LibtorchLayers layers) {
    var net = unit(layers, "features.0.", 3, 32, 3, 2, 1).then(LibtorchMobileNetV2::relu6);
    int channels = 32;
    int at = 1;
    for (var row : MobileNetV2.ROWS) {
      for (int i = 0; i < row.count(); i++) {
        int stride = i == 0 ? row.stride() : 1;
        var name = "features." + at++ + ".conv.";
        net = net.then(block(layers, name, channels, row.expansion(), row.out(), stride));
        channels = row.out();
      }
    }
    return net.then(unit(layers, "features.18.", channels, 1280, 1, 1, 1))
        .then(LibtorchMobileNetV2::relu6)
        .then(LibtorchLayers.globalPool())
        .then(layers.dense("classifier.1", 1280, Input.PICTURES.classes));
  }

  private static Layer block(
      LibtorchLayers layers, String name, int in, int expansion, int out, int stride) {
    int wide = expansion * in;
    int part = 0;
    Layer branch = x -> x;
    if (expansion != 1) {
      branch =
          unit(layers, name + part++ + ".", in, wide, 1, 1, 1).then(LibtorchMobileNetV2::relu6);
    }
    branch =
        branch
            .then(unit(layers, name + part++ + ".", wide, wide, 3, stride, wide))
            .then(LibtorchMobileNetV2::relu6)
            .then(layers.conv(name + part++, wide, out, 1, 1, 1, false))
            .then(layers.norm(name + part, out, EPS, MOMENTUM));
    return stride == 1 && in == out ? LibtorchLayers.residual(branch) : branch;
  }

  /** Convolution and norm, as parts 0 and 1. */
  private static Layer unit(
      LibtorchLayers layers, String name, int in, int out, int kernel, int stride, int groups) {
    return layers
        .conv(name + "0", in, out, kernel, stride, groups, false)
        .then(layers.norm(name + "1", out, EPS, MOMENTUM));
  }

  /** In place, as torchvision's {@code ReLU6(inplace=True)}. */
  private static Tensor relu6(Tensor x) {
    relu6_(x);
    return x;
  }
}
