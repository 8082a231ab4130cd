package dev.flambeau.bench;

/** One library with one task's model, weights and input prepared. */
interface Contender {

  /**
   * Does the task once. Returns what both libraries must agree on: the loss of a training step, the
   * mean absolute logit of an inference.
   */
  double step();

  /** Number of trainable scalars of the model. */
  long parameters();

  /** Library, version where it tells one, and threads. */
  String description();
}
