package dev.flambeau.torch.autograd;

/** Options of {@link Functional}. */
public final class FunctionalOptions {
  private boolean createGraph;
  private boolean strict;

  FunctionalOptions() {}

  /** Whether the results can be differentiated by the inputs; false by default. */
  public FunctionalOptions createGraph(boolean on) {
    createGraph = on;
    return this;
  }

  /**
   * Whether an output that does not depend on an input is an error; false by default: its
   * derivative is zeros.
   */
  public FunctionalOptions strict(boolean on) {
    strict = on;
    return this;
  }

  boolean createGraph() {
    return createGraph;
  }

  boolean strict() {
    return strict;
  }
}
