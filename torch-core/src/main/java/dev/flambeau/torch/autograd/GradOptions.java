package dev.flambeau.torch.autograd;

import dev.flambeau.torch.Tensor;
import java.util.List;

/** Options of {@code Torch.grad} and {@code Torch.backward}. */
public final class GradOptions {
  private List<Tensor> gradOutputs = List.of();
  private List<Tensor> inputs = List.of();
  private Boolean retainGraph;
  private boolean createGraph;
  private boolean allowUnused;

  public GradOptions() {}

  /**
   * The gradient by each output, of its shape and type; by default 1 for outputs of one element.
   */
  public GradOptions gradOutputs(List<Tensor> gradients) {
    gradOutputs = List.copyOf(gradients);
    return this;
  }

  /** Of {@code backward} only: whose gradients to add to; by default all leaves'. */
  public GradOptions inputs(List<Tensor> only) {
    inputs = List.copyOf(only);
    return this;
  }

  /** Whether what was saved is kept for another backward; by default where a graph is created. */
  public GradOptions retainGraph(boolean on) {
    retainGraph = on;
    return this;
  }

  /** Whether the backward itself is recorded, for higher derivatives; false by default. */
  public GradOptions createGraph(boolean on) {
    createGraph = on;
    return this;
  }

  /**
   * Whether {@code grad} gives zeros for an input that no output depends on; false by default: it
   * is an error.
   */
  public GradOptions allowUnused(boolean on) {
    allowUnused = on;
    return this;
  }

  public List<Tensor> gradOutputs() {
    return gradOutputs;
  }

  public List<Tensor> inputs() {
    return inputs;
  }

  public boolean retainGraph() {
    return retainGraph == null ? createGraph : retainGraph;
  }

  public boolean createGraph() {
    return createGraph;
  }

  public boolean allowUnused() {
    return allowUnused;
  }
}
