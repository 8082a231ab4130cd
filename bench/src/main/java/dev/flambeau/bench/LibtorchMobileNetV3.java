package dev.flambeau.bench;

import static org.bytedeco.pytorch.global.torch.adaptive_avg_pool2d;
import static org.bytedeco.pytorch.global.torch.hardsigmoid;
import static org.bytedeco.pytorch.global.torch.hardswish_;
import static org.bytedeco.pytorch.global.torch.mul;

import dev.flambeau.bench.LibtorchLayers.Layer;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** torchvision's mobilenet_v3_small in libtorch, evaluation under inference mode. */
final class LibtorchMobileNetV3 extends LibtorchContender {
  private static final double EPS = 1e-3;
  private static final double MOMENTUM = 0.01;

  /** Kernel, expanded channels, output channels, squeeze-and-excite, hard swish, stride. */
  private record Row(int kernel, int wide, int out, boolean squeeze, boolean swish, int stride) {}

  /** Table 2 of Howard et al. 2019. */
  private static final Row[] ROWS = {
    new Row(3, 16, 16, true, false, 2),
    new Row(3, 72, 24, false, false, 2),
    new Row(3, 88, 24, false, false, 1),
    new Row(5, 96, 40, true, true, 2),
    new Row(5, 240, 40, true, true, 1),
    new Row(5, 240, 40, true, true, 1),
    new Row(5, 120, 48, true, true, 1),
    new Row(5, 144, 48, true, true, 1),
    new Row(5, 288, 96, true, true, 2),
    new Row(5, 576, 96, true, true, 1),
    new Row(5, 576, 96, true, true, 1),
  };

  private final LibtorchLayers layers;
  private final Layer net;
  private final Tensor pictures;

  LibtorchMobileNetV3(MemoryFormat format, Task task) {
    try (var _ = new InferenceMode(true)) {
      layers = new LibtorchLayers(format, false);
      net = build();
      var shape = task.input.shape(task.batch);
      pictures = layers.tensor(Fixture.normal("input", shape), shape);
    }
  }

  @Override
  public double step() {
    try (var _ = new InferenceMode(true);
        var logits = net.forward(new Tensor(pictures));
        var magnitude = logits.abs();
        var mean = magnitude.mean()) {
      return mean.item_float();
    }
  }

  @Override
  public long parameters() {
    return layers.count();
  }

  private Layer build() {
    var net = unit("features.0", 3, 16, 3, 2, 1).then(LibtorchMobileNetV3::swish);
    int channels = 16;
    for (int i = 0; i < ROWS.length; i++) {
      net = net.then(block("features." + (i + 1) + ".block.", channels, ROWS[i]));
      channels = ROWS[i].out;
    }
    return net.then(unit("features.12", channels, 576, 1, 1, 1))
        .then(LibtorchMobileNetV3::swish)
        .then(LibtorchLayers.globalPool())
        .then(layers.dense("classifier.0", 576, 1024))
        .then(LibtorchMobileNetV3::swish)
        .then(layers.dense("classifier.3", 1024, Input.PICTURES.classes));
  }

  private Layer block(String prefix, int in, Row row) {
    Layer activation = row.swish ? LibtorchMobileNetV3::swish : LibtorchLayers::relu;
    int part = 0;
    Layer main = x -> x;
    if (row.wide != in) {
      main = unit(prefix + part++, in, row.wide, 1, 1, 1).then(activation);
    }
    main =
        main.then(unit(prefix + part++, row.wide, row.wide, row.kernel, row.stride, row.wide))
            .then(activation);
    if (row.squeeze) {
      main = main.then(squeeze(prefix + part++, row.wide));
    }
    var branch = main.then(unit(prefix + part, row.wide, row.out, 1, 1, 1));
    if (row.stride != 1 || in != row.out) {
      return branch;
    }
    return x -> {
      try (var identity = new Tensor(x)) {
        var y = branch.forward(x);
        y.add_(identity);
        return y;
      }
    };
  }

  private Layer unit(String name, int in, int out, int kernel, int stride, int groups) {
    return layers
        .conv(name + ".0", in, out, kernel, stride, groups, false)
        .then(layers.norm(name + ".1", out, EPS, MOMENTUM));
  }

  private Layer squeeze(String name, int channels) {
    int narrow = divisible(channels / 4);
    var one = LibtorchLayers.pair(1);
    Layer pool =
        x -> {
          try (x) {
            return adaptive_avg_pool2d(x, one);
          }
        };
    var scale =
        pool.then(layers.conv(name + ".fc1", channels, narrow, 1, 1, 1, true))
            .then(LibtorchLayers::relu)
            .then(layers.conv(name + ".fc2", narrow, channels, 1, 1, 1, true));
    return x -> {
      try (x;
          var z = scale.forward(new Tensor(x));
          var gate = hardsigmoid(z)) {
        return mul(gate, x);
      }
    };
  }

  /** Nearest multiple of 8, never more than a tenth below (Sandler et al. 2018). */
  private static int divisible(int channels) {
    int rounded = Math.max(8, (channels + 4) / 8 * 8);
    return rounded < 0.9 * channels ? rounded + 8 : rounded;
  }

  private static Tensor swish(Tensor x) {
    hardswish_(x);
    return x;
  }
}
