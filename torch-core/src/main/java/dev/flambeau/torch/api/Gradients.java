package dev.flambeau.torch.api;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.autograd.Engine;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Autograd as seen from a tensor. */
public sealed interface Gradients extends Self permits Tensor {
  /** Whether gradients by this tensor are recorded. */
  boolean requiresGrad();

  /** Turns recording on or off for a leaf; returns this tensor. */
  default Tensor requiresGrad(boolean on) {
    if (on && !self().dtype().isFloat()) {
      throw TorchException.type("requires_grad", "input", self().dtype(), "a floating point type");
    }
    if (!isLeaf()) {
      throw TorchException.gradient(
          "requires_grad: only leaves can change it; use detach() for a tensor without history");
    }
    self().history().requiresGrad(on);
    return self();
  }

  /** Whether this tensor was not computed from others that require grad. */
  default boolean isLeaf() {
    return !requiresGrad() || self().history().gradFn() == null;
  }

  /** The accumulated gradient, if {@code backward} has reached this tensor. */
  default Optional<Tensor> grad() {
    return Optional.ofNullable(requiresGrad() ? self().history().grad() : null);
  }

  /** Sets or clears the accumulated gradient. */
  default void setGrad(Optional<Tensor> gradient) {
    gradient.ifPresent(
        g -> {
          if (!g.shape().equals(self().shape())) {
            throw TorchException.shape("grad", "value", g.shape(), self().shape().toString());
          }
        });
    self().history().grad(gradient.orElse(null));
  }

  /** Keeps {@link #grad} for a tensor that is not a leaf, too. */
  default Tensor retainGrad() {
    self().history().retainGrad();
    return self();
  }

  /** Calls {@code hook} with the gradient by this tensor; what it returns takes its place. */
  default Tensor registerHook(UnaryOperator<Tensor> hook) {
    if (!requiresGrad()) {
      throw TorchException.gradient("register_hook: this tensor does not require grad");
    }
    self().history().hooks().add(hook);
    return self();
  }

  /** The same data without history. */
  default Tensor detach() {
    Tensor t = self();
    return new Tensor(t.storage(), t.layout(), t.dtype());
  }

  /** Adds d(this)/d(leaf) to each leaf's gradient. This tensor has one element. */
  default void backward() {
    backward(false);
  }

  /**
   * The same.
   *
   * @param retainGraph keep what was saved, for another backward
   */
  default void backward(boolean retainGraph) {
    if (self().numel() != 1) {
      throw TorchException.gradient(
          "backward: without a gradient argument the tensor must have one element, but its shape is"
              + " "
              + self().shape());
    }
    backward(self().detach().onesLike(), retainGraph, false);
  }

  /**
   * Vector-Jacobian product into the leaves' gradients.
   *
   * @param gradient of this tensor's shape
   * @param createGraph record the backward itself, for higher derivatives
   */
  default void backward(Tensor gradient, boolean retainGraph, boolean createGraph) {
    if (!gradient.shape().equals(self().shape())) {
      throw TorchException.shape(
          "backward", "gradient", gradient.shape(), self().shape().toString());
    }
    Engine.backward(new Tensor[] {self()}, new Tensor[] {gradient}, retainGraph, createGraph);
  }
}
