package dev.flambeau.torch.graph;

/** A function does what a captured graph cannot repeat. */
final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Refused(String what) {
    super(what);
  }
}
