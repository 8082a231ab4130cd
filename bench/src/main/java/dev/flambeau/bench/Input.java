package dev.flambeau.bench;

/** What a network is fed with, and how many classes it tells apart. */
enum Input {
  /** (batch, 3, 224, 224), normal. */
  PICTURES(1000),

  /** (batch, 128) of 10,000 tokens. */
  TOKENS(2),

  /** (64 steps, batch, 256), normal. */
  SEQUENCES(10),

  /** (batch, 784), normal. */
  VECTORS(10);

  static final int SIDE = 224;
  static final int VOCABULARY = 10_000;

  final int classes;

  Input(int classes) {
    this.classes = classes;
  }

  long[] shape(int batch) {
    return switch (this) {
      case PICTURES -> new long[] {batch, 3, SIDE, SIDE};
      case TOKENS -> new long[] {batch, 128};
      case SEQUENCES -> new long[] {64, batch, 256};
      case VECTORS -> new long[] {batch, 784};
    };
  }
}
