package dev.flambeau.bench;

/** What is compared. */
enum Task {
  /**
   * One optimizer step on a batch of pictures. The first steps allocate what later ones reuse and
   * make the convolution primitives; on the JVM, until some twenty steps of a network are done, its
   * second compiler takes part of a core. What is compared is a long training; the first step is
   * measured by itself.
   */
  RESNET18_TRAINING(
      "ResNet-18, training step, batch 16", Input.PICTURES, 16, 11_689_512, 0.65, 20, 1, 9),

  RESNET50_TRAINING(
      "ResNet-50, training step, batch 8", Input.PICTURES, 8, 25_557_032, 0.65, 12, 1, 7),

  /** Under autocast on both sides; logits are cast to F32 for the loss. */
  RESNET50_BF16_TRAINING(
      "ResNet-50, training step in BF16, batch 8", Input.PICTURES, 8, 25_557_032, 1.0, 12, 1, 9),

  MOBILENET_V2_TRAINING(
      "MobileNetV2, training step, batch 8", Input.PICTURES, 8, 3_504_872, 0.65, 25, 1, 11),

  VIT_S16_TRAINING("ViT-S/16, training step, batch 8", Input.PICTURES, 8, 22_050_664, 0.9, 8, 1, 7),

  ENCODER_TRAINING(
      "Transformer encoder, training step, batch 16", Input.TOKENS, 16, 14_488_322, 0.9, 15, 1, 9),

  /** More warm-up: 64 steps of two layers both ways are some hundred short calls. */
  LSTM_TRAINING("LSTM, training step, batch 32", Input.SEQUENCES, 32, 1_055_242, 0.9, 30, 2, 15),

  /**
   * Long warm-up: a step is some 30 calls of microseconds, so until the JVM's second compiler has
   * seen a few thousand of each, both sides time the bytecode interpreter.
   */
  MLP_TRAINING("MLP, training step, batch 64", Input.VECTORS, 64, 203_530, 0.9, 3000, 300, 15),

  /** Long warm-up, for the same reason: a pass is some 150 short calls. */
  MOBILENET_V3_SMALL_INFERENCE(
      "MobileNetV3-Small, inference, batch 1", Input.PICTURES, 1, 2_542_856, 0.6, 400, 40, 15);

  static final double MOMENTUM = 0.9;

  final String title;
  final Input input;
  final int batch;

  /** Trainable scalars of the model. */
  final long parameters;

  /** What our time divided by the better libtorch is meant to stay below. */
  final double aim;

  /** Untimed steps. */
  final int warmup;

  /** Steps in one round, then it is the next contender's turn. */
  final int steps;

  final int rounds;

  Task(
      String title,
      Input input,
      int batch,
      long parameters,
      double aim,
      int warmup,
      int steps,
      int rounds) {
    this.title = title;
    this.input = input;
    this.batch = batch;
    this.parameters = parameters;
    this.aim = aim;
    this.warmup = warmup;
    this.steps = steps;
    this.rounds = rounds;
  }

  /**
   * Of SGD for convolutional nets, of AdamW for the others. Small where losses fall steeply,
   * because rounding grows as fast: at 0.01 the losses of libtorch's own two formats part by 2.7%
   * in the second step of ResNet-50.
   */
  double learningRate() {
    return switch (this) {
      case RESNET18_TRAINING -> 0.01;
      case RESNET50_TRAINING, RESNET50_BF16_TRAINING -> 1e-5;
      case MOBILENET_V2_TRAINING -> 1e-3;
      case VIT_S16_TRAINING, ENCODER_TRAINING, LSTM_TRAINING, MLP_TRAINING -> 1e-4;
      case MOBILENET_V3_SMALL_INFERENCE ->
          throw new IllegalStateException(this + " is no training");
    };
  }

  /** Whether products are computed in BF16 by autocast. */
  boolean autocast() {
    return this == RESNET50_BF16_TRAINING;
  }

  /**
   * How far losses of two sides may be apart. In BF16, those of libtorch's two formats are 2.5%.
   */
  double tolerance() {
    return autocast() ? 5e-2 : 2e-3;
  }

  /** Whether it is one of convolutions mainly, for which there are two memory formats. */
  boolean convolutional() {
    return switch (this) {
      case RESNET18_TRAINING,
          RESNET50_TRAINING,
          RESNET50_BF16_TRAINING,
          MOBILENET_V2_TRAINING,
          MOBILENET_V3_SMALL_INFERENCE ->
          true;
      case VIT_S16_TRAINING, ENCODER_TRAINING, LSTM_TRAINING, MLP_TRAINING -> false;
    };
  }
}
