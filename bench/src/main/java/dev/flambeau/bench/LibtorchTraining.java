package dev.flambeau.bench;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;

import dev.flambeau.bench.LibtorchLayers.Layer;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** One training step in libtorch: forward, cross entropy, backward, optimizer. */
final class LibtorchTraining extends LibtorchContender {
  private final LibtorchLayers layers;
  private final Layer net;
  private final Tensor input;
  private final Tensor targets;
  private final Optimizer optimizer;
  private final boolean autocast;

  LibtorchTraining(MemoryFormat format, Task task) {
    layers = new LibtorchLayers(format, true);
    net = net(task);
    autocast = task.autocast();
    var shape = task.input.shape(task.batch);
    input =
        task.input == Input.TOKENS
            ? Tensor.create(Fixture.tokens(shape), shape)
            : layers.tensor(Fixture.normal("input", shape), shape);
    targets = Tensor.create(Fixture.targets(task), task.batch);
    optimizer = task.convolutional() ? sgd(task) : adamW(task);
  }

  private Layer net(Task task) {
    return switch (task) {
      case RESNET18_TRAINING -> new LibtorchResNet(layers).resnet18();
      case RESNET50_TRAINING, RESNET50_BF16_TRAINING -> new LibtorchResNet(layers).resnet50();
      case MOBILENET_V2_TRAINING -> LibtorchMobileNetV2.build(layers);
      case VIT_S16_TRAINING -> new LibtorchTransformer(layers).vision();
      case ENCODER_TRAINING -> new LibtorchTransformer(layers).text();
      case LSTM_TRAINING ->
          layers
              .lstm("lstm", 256, 256, 2, task.batch)
              .then(LibtorchLayers.closing(x -> x.select(0, -1)))
              .then(layers.dense("fc", 256, task.input.classes));
      case MLP_TRAINING ->
          layers
              .dense("0", 784, 256)
              .then(LibtorchLayers::relu)
              .then(layers.dense("2", 256, task.input.classes));
      case MOBILENET_V3_SMALL_INFERENCE ->
          throw new IllegalArgumentException(task + " is no training");
    };
  }

  private Optimizer sgd(Task task) {
    var options = new SGDOptions(task.learningRate());
    options.momentum().put(Task.MOMENTUM);
    return new SGD(layers.parameters(), options);
  }

  private Optimizer adamW(Task task) {
    return new AdamW(layers.parameters(), new AdamWOptions(task.learningRate()));
  }

  /** As Python's {@code with torch.autocast("cpu", torch.bfloat16)}; logits in F32. */
  private Tensor autocast() {
    torch.set_autocast_dtype(DeviceType.CPU, ScalarType.BFloat16);
    torch.set_autocast_enabled(DeviceType.CPU, true);
    try (var logits = net.forward(new Tensor(input))) {
      return logits.to(ScalarType.Float);
    } finally {
      torch.clear_cache();
      torch.set_autocast_enabled(DeviceType.CPU, false);
    }
  }

  @Override
  public double step() {
    optimizer.zero_grad();
    try (var logits = autocast ? autocast() : net.forward(new Tensor(input));
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
}
