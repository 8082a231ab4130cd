package dev.flambeau.torch.api;

import dev.flambeau.torch.HookHandle;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.autograd.Engine;
import dev.flambeau.torch.autograd.Node;
import java.util.Optional;
import java.util.function.Consumer;
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
    if (on && isInference() && !Mode.current().inference()) {
      throw TorchException.gradient(
          "requires_grad: this tensor was made in inference mode; use a copy() of it made outside");
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
    if (gradient.isPresent()) {
      self().history().grad(gradient.get());
    } else {
      self().history().dropGrad();
    }
  }

  /**
   * Keeps {@link #grad} for a tensor that is not a leaf, too; returns this tensor.
   *
   * @throws TorchException if it does not require grad
   */
  default Tensor retainGrad() {
    checkRequiresGrad("retain_grad");
    if (gradFn().isPresent()) {
      self().history().retainGrad();
      gradFn().get().hooksOf(self().history().outputIndex()).retain(self());
    }
    return self();
  }

  /** Whether {@link #retainGrad} was called on this tensor and it is not a leaf. */
  default boolean retainsGrad() {
    return !isLeaf() && self().history().retainsGrad();
  }

  /** The recorded call this tensor came from; none for a leaf. PyTorch: {@code grad_fn}. */
  default Optional<Node> gradFn() {
    return requiresGrad() && self().history().gradFn() instanceof Node node
        ? Optional.of(node)
        : Optional.empty();
  }

  /**
   * Calls {@code hook} once in each backward with the whole gradient by this tensor; what it
   * returns, which may be its argument, takes its place. A hook of a tensor that is overwritten
   * afterwards gets the gradient by the value from before.
   *
   * @throws TorchException if this tensor does not require grad, and in backward if the hook
   *     returns another shape or type
   */
  default HookHandle registerHook(UnaryOperator<Tensor> hook) {
    checkRequiresGrad("register_hook");
    return gradFn()
        .map(node -> node.hooksOf(self().history().outputIndex()).add(hook))
        .orElseGet(() -> self().history().hooks().add(hook));
  }

  /**
   * Calls {@code hook} with this leaf each time a backward has added to its {@link #grad}: to
   * update it at once, for example.
   */
  default HookHandle registerPostAccumulateGradHook(Consumer<Tensor> hook) {
    checkRequiresGrad("register_post_accumulate_grad_hook");
    if (!isLeaf()) {
      throw TorchException.gradient(
          "register_post_accumulate_grad_hook: this tensor is not a leaf; use registerHook");
    }
    return self().history().afterwards().add(hook);
  }

  private void checkRequiresGrad(String operator) {
    if (!requiresGrad()) {
      throw TorchException.gradient(operator + ": this tensor does not require grad");
    }
  }

  /** Whether this tensor was made in inference mode. */
  default boolean isInference() {
    return self().storage().isInference();
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
    backward(Engine.seed("backward", self(), Optional.empty()), retainGraph, false);
  }

  /**
   * Vector-Jacobian product into the leaves' gradients.
   *
   * @param gradient of this tensor's shape and type
   * @param createGraph record the backward itself, for higher derivatives; retains the graph, too
   */
  default void backward(Tensor gradient, boolean retainGraph, boolean createGraph) {
    Tensor seed = Engine.seed("backward", self(), Optional.of(gradient));
    Engine.backward(
        new Tensor[] {self()}, new Tensor[] {seed}, retainGraph || createGraph, createGraph);
  }
}
