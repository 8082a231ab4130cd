package dev.flambeau.bench;

/** What is compared. */
enum Task {
  /**
   * One optimizer step on a batch of pictures. Three warm-up steps: the first ones allocate what
   * later ones reuse, make the convolution primitives and, on the JVM, compile the kernels.
   */
  RESNET18_TRAINING("ResNet-18, training step, batch 16", 16, 11_689_512, 0.75, 3, 1, 9),

  /**
   * One forward pass of a single picture. Long warm-up: a pass is some 150 short calls, so until
   * the JVM's second compiler has seen a few thousand of each, both sides time the bytecode
   * interpreter.
   */
  MOBILENET_V3_SMALL_INFERENCE(
      "MobileNetV3-Small, inference, batch 1", 1, 2_542_856, 0.6, 400, 40, 15);

  static final double LEARNING_RATE = 0.01;
  static final double MOMENTUM = 0.9;

  final String title;
  final int batch;

  /** Trainable scalars of torchvision's model with 1000 classes. */
  final long parameters;

  /** What our time divided by the better libtorch is meant to stay below. */
  final double aim;

  /** Untimed steps. */
  final int warmup;

  /** Steps in one round, then it is the next contender's turn. */
  final int steps;

  final int rounds;

  Task(String title, int batch, long parameters, double aim, int warmup, int steps, int rounds) {
    this.title = title;
    this.batch = batch;
    this.parameters = parameters;
    this.aim = aim;
    this.warmup = warmup;
    this.steps = steps;
    this.rounds = rounds;
  }
}
