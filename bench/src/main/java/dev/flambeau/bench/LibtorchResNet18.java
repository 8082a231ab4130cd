package dev.flambeau.bench;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.max_pool2d;

import dev.flambeau.bench.LibtorchLayers.Layer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * torchvision's resnet18 in libtorch, one training step: forward, cross entropy, backward, SGD with
 * momentum.
 */
final class LibtorchResNet18 extends LibtorchContender {
  private static final double EPS = 1e-5;
  private static final double MOMENTUM = 0.1;

  private final LibtorchLayers layers;
  private final Layer net;
  private final Tensor pictures;
  private final Tensor targets;
  private final SGD optimizer;

  LibtorchResNet18(MemoryFormat format, Task task) {
    layers = new LibtorchLayers(format, true);
    net = build();
    pictures =
        layers.tensor(Fixture.pictures(task.batch), task.batch, 3, Fixture.SIDE, Fixture.SIDE);
    targets = Tensor.create(Fixture.targets(task.batch), task.batch);
    var options = new SGDOptions(Task.LEARNING_RATE);
    options.momentum().put(Task.MOMENTUM);
    optimizer = new SGD(layers.parameters(), options);
  }

  @Override
  public double step() {
    optimizer.zero_grad();
    try (var logits = net.forward(new Tensor(pictures));
        var loss = cross_entropy_loss(logits, targets)) {
      loss.backward();
      optimizer.step().close();
      return loss.item_float();
    }
  }

  @Override
  public long parameters() {
    return layers.count();
  }

  private Layer build() {
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
    return net.then(LibtorchLayers.globalPool()).then(layers.dense("fc", 512, Fixture.CLASSES));
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
