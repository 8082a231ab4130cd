package dev.flambeau.torch.autograd;

import dev.flambeau.torch.History;
import dev.flambeau.torch.Scope;
import dev.flambeau.torch.Tensor;
import java.util.function.Consumer;

/** How a tensor's {@code grad} grows; safe for several backwards at once. */
final class Accumulation {
  private Accumulation() {}

  /**
   * Adds {@code g}, which becomes the gradient itself if there is none; then nobody else may know
   * its memory. As in PyTorch the gradient is changed in place, unless a graph is made.
   */
  static void add(Tensor owner, Tensor g, boolean createGraph) {
    History history = owner.history();
    synchronized (history) {
      Tensor before = history.borrowGrad();
      history.returnGrad();
      if (createGraph) {
        history.grad(before == null ? g : before.add(g));
      } else if (before != null && before.layout().isDense() && before.dtype() == g.dtype()) {
        before.add_(g);
      } else {
        Tensor sum = before == null ? g.detach() : before.detach().add(g);
        sum.storage().liveAsLongAs(owner.storage());
        if (history.isHooked()) {
          history.grad(sum);
        } else {
          history.unseenGrad(sum);
        }
      }
    }
  }

  /** Calls those who wait for the gradient of {@code leaf}. */
  static void tell(Tensor leaf) {
    for (Consumer<Tensor> hook : leaf.history().afterwards()) {
      Scope.visibly(
          () -> {
            hook.accept(leaf);
            return null;
          });
    }
  }
}
