package dev.flambeau.torch;

import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A tensor's part in autograd: the operator call it came from, or its gradient if it is a leaf.
 * Written by the engine; users call {@code requiresGrad}, {@code grad} and {@code backward}.
 */
public final class History {
  private boolean requiresGrad;
  private GradFn gradFn;
  private int outputIndex;
  private Tensor grad;
  private boolean retainsGrad;
  private Hooks<UnaryOperator<Tensor>> hooks;
  private Hooks<Consumer<Tensor>> afterwards;

  History() {}

  /** The recorded call that made a tensor. */
  public interface GradFn {
    /** The operator's name. */
    String name();
  }

  public boolean requiresGrad() {
    return requiresGrad;
  }

  public void requiresGrad(boolean on) {
    requiresGrad = on;
  }

  /** The call this tensor came from, or null for a leaf. */
  public GradFn gradFn() {
    return gradFn;
  }

  /** Which of that call's outputs this tensor is. */
  public int outputIndex() {
    return outputIndex;
  }

  public void from(GradFn call, int output) {
    gradFn = call;
    outputIndex = output;
    requiresGrad = true;
  }

  /** The accumulated gradient, or null. */
  public Tensor grad() {
    return grad;
  }

  public void grad(Tensor value) {
    grad = value;
  }

  /** Whether a tensor that is not a leaf keeps its gradient. */
  public boolean retainsGrad() {
    return retainsGrad;
  }

  public void retainGrad() {
    retainsGrad = true;
  }

  /** A leaf's hooks, which see its gradient before it is accumulated. */
  public synchronized Hooks<UnaryOperator<Tensor>> hooks() {
    if (hooks == null) {
      hooks = new Hooks<>();
    }
    return hooks;
  }

  /** A leaf's hooks, which are called with it when its gradient is accumulated. */
  public synchronized Hooks<Consumer<Tensor>> afterwards() {
    if (afterwards == null) {
      afterwards = new Hooks<>();
    }
    return afterwards;
  }

  /** Whether somebody waits for this leaf's gradient. */
  public boolean isHooked() {
    return hooks != null && !hooks.isEmpty() || afterwards != null && !afterwards.isEmpty();
  }
}
