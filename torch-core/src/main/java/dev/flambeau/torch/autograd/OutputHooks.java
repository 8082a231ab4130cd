package dev.flambeau.torch.autograd;

import dev.flambeau.torch.HookHandle;
import dev.flambeau.torch.Hooks;
import dev.flambeau.torch.Tensor;
import java.lang.ref.WeakReference;
import java.util.function.UnaryOperator;

/**
 * Who waits for the gradient by one output of a call: hooks, then the tensor that retains it. A
 * tensor that is overwritten takes its wish to retain along to the new call, its hooks stay.
 */
public final class OutputHooks {
  private final Hooks<UnaryOperator<Tensor>> hooks = new Hooks<>();
  private volatile WeakReference<Tensor> retaining;

  OutputHooks() {}

  public HookHandle add(UnaryOperator<Tensor> hook) {
    return hooks.add(hook);
  }

  /** Lets {@code t}, or nobody if null, keep the gradient. */
  public void retain(Tensor t) {
    retaining = t == null ? null : new WeakReference<>(t);
  }

  Hooks<UnaryOperator<Tensor>> hooks() {
    return hooks;
  }

  /** The tensor that keeps the gradient, or null. */
  Tensor retaining() {
    WeakReference<Tensor> reference = retaining;
    return reference == null ? null : reference.get();
  }
}
