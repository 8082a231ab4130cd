package dev.flambeau.bench;

import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.ReLU;
import dev.flambeau.torch.nn.Sequential;
import dev.flambeau.vision.models.MobileNetV3;
import dev.flambeau.vision.models.ResNet;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** Who takes part: libtorch in each of its memory formats, since the better one counts. */
enum Side {
  LIBTORCH_CONTIGUOUS("libtorch, contiguous", true, Flags.JAVACPP, t -> libtorch(t, false)),
  LIBTORCH_CHANNELS_LAST("libtorch, channels_last", true, Flags.JAVACPP, t -> libtorch(t, true)),
  FLAMBEAU("Flambeau", false, List.of(), Side::flambeau),
  FLAMBEAU_COMPILED("Flambeau, compiled", false, List.of(), Side::compiled);

  final String title;

  /** One of those we compare with. */
  final boolean peer;

  final List<String> jvmFlags;
  private final Function<Task, Contender> factory;

  Side(String title, boolean peer, List<String> jvmFlags, Function<Task, Contender> factory) {
    this.title = title;
    this.peer = peer;
    this.jvmFlags = jvmFlags;
    this.factory = factory;
  }

  Contender create(Task task) {
    return factory.apply(task);
  }

  /**
   * Whether this side takes part: memory formats concern convolutions, what is compiled has no
   * gradients.
   */
  boolean takes(Task task) {
    return switch (this) {
      case LIBTORCH_CONTIGUOUS, FLAMBEAU -> true;
      case LIBTORCH_CHANNELS_LAST -> task.convolutional();
      case FLAMBEAU_COMPILED -> task == Task.MOBILENET_V3_SMALL_INFERENCE;
    };
  }

  private static Contender libtorch(Task task, boolean channelsLast) {
    var format = channelsLast ? MemoryFormat.ChannelsLast : MemoryFormat.Contiguous;
    return task == Task.MOBILENET_V3_SMALL_INFERENCE
        ? new LibtorchMobileNetV3(format, task)
        : new LibtorchTraining(format, task);
  }

  private static Contender flambeau(Task task) {
    return switch (task) {
      case RESNET18_TRAINING -> FlambeauContender.training(ResNet.resnet18(), task);
      case RESNET50_TRAINING, RESNET50_BF16_TRAINING ->
          FlambeauContender.training(new ResNet50(), task);
      case MOBILENET_V2_TRAINING -> FlambeauContender.training(new MobileNetV2(), task);
      case VIT_S16_TRAINING -> FlambeauContender.training(new VisionTransformer(), task);
      case ENCODER_TRAINING -> FlambeauContender.training(new TextClassifier(), task);
      case LSTM_TRAINING -> FlambeauContender.training(new SequenceClassifier(), task);
      case MLP_TRAINING ->
          FlambeauContender.training(
              new Sequential(new Linear(784, 256), new ReLU(), new Linear(256, task.input.classes)),
              task);
      case MOBILENET_V3_SMALL_INFERENCE ->
          FlambeauContender.inference(MobileNetV3.small(), m -> m::forward, task);
    };
  }

  private static Contender compiled(Task task) {
    return FlambeauContender.inference(MobileNetV3.small(), Module::compile, task);
  }

  private static final class Flags {
    // The peer closes every handle itself; JavaCPP's collector-driven release and its look at the
    // process size before each allocation would only slow libtorch down.
    static final List<String> JAVACPP =
        List.of(
            "-Dorg.bytedeco.javacpp.nopointergc=true", "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
  }
}
