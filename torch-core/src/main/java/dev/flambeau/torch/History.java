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

  /** Whether nobody but this object and borrowers knows the gradient's memory. */
  private boolean unseen;

  private int borrowers;
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

  /** The accumulated gradient, or null; who asks may keep it. */
  public synchronized Tensor grad() {
    unseen = false;
    return grad;
  }

  public synchronized void grad(Tensor value) {
    unseen = false;
    grad = value;
  }

  /** Sets a gradient whose memory nobody else knows. */
  public synchronized void unseenGrad(Tensor value) {
    grad = value;
    unseen = true;
  }

  /** The accumulated gradient, or null, for a short look that ends with {@link #returnGrad}. */
  public synchronized Tensor borrowGrad() {
    borrowers++;
    return grad;
  }

  public synchronized void returnGrad() {
    borrowers--;
  }

  /** Forgets the gradient; its memory is free at once if nobody can know it. */
  public synchronized void dropGrad() {
    if (unseen && borrowers == 0) {
      grad.storage().free();
    }
    grad(null);
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
