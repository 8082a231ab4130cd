package dev.flambeau.torch;

import java.util.ArrayList;
import java.util.List;
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
  private final List<UnaryOperator<Tensor>> hooks = new ArrayList<>(0);

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

  public boolean retainsGrad() {
    return retainsGrad;
  }

  public void retainGrad() {
    retainsGrad = true;
  }

  public List<UnaryOperator<Tensor>> hooks() {
    return hooks;
  }
}
