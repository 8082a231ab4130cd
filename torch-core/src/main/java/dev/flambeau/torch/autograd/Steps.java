package dev.flambeau.torch.autograd;

import dev.flambeau.torch.Hooks;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Scope;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/** What happens around one call's backward: hooks, targets, anomalies. */
final class Steps {
  private Steps() {}

  /** The gradients as hooks leave them; targets and tensors that retain theirs get them too. */
  static Tensor[] before(Node node, Tensor[] arrived, Targets targets, boolean createGraph) {
    Tensor[] gradients = arrived;
    for (int k = 0; k < arrived.length; k++) {
      OutputHooks hooks = node.hooksIfAny(k);
      boolean wanted = targets != null && targets.wants(node, k);
      if (arrived[k] == null || hooks == null && !wanted) {
        continue;
      }
      Tensor g = arrived[k];
      if (hooks != null) {
        g = hooked(node.name(), hooks.hooks(), g);
        Tensor retaining = hooks.retaining();
        if (retaining != null) {
          Accumulation.add(retaining, createGraph ? g : visible(g.copy()), createGraph);
        }
      }
      if (wanted) {
        targets.found(node, k, createGraph ? g : g.copy());
      }
      if (g != arrived[k]) {
        gradients = gradients == arrived ? arrived.clone() : gradients;
        gradients[k] = g;
      }
    }
    Hooks<UnaryOperator<Tensor[]>> prehooks = node.before();
    if (prehooks != null) {
      for (UnaryOperator<Tensor[]> hook : prehooks) {
        gradients = visibly(node, "prehook", gradients, hook);
      }
    }
    return gradients;
  }

  /** What the hooks make of a gradient, one after the other. */
  static Tensor hooked(String where, Hooks<UnaryOperator<Tensor>> hooks, Tensor gradient) {
    Tensor g = gradient;
    for (UnaryOperator<Tensor> hook : hooks) {
      Tensor given = visible(g);
      g = Scope.visibly(() -> hook.apply(given));
      if (g == null || !g.shape().equals(given.shape()) || g.dtype() != given.dtype()) {
        throw TorchException.gradient(
            "hook on %s: it returned %s; allowed: a tensor of shape %s and type %s, or its argument"
                .formatted(
                    where,
                    g == null ? "null" : "shape " + g.shape() + " and type " + g.dtype(),
                    given.shape(),
                    given.dtype()));
      }
    }
    return g;
  }

  /** A call's backward with the hooks after it. */
  static Tensor[] backward(Node node, Tensor[] gradients, boolean[] wanted) {
    Tensor[] results =
        Mode.current().anomaly()
            ? Anomaly.watched(node, gradients, wanted)
            : Anomaly.traced(node, gradients, wanted);
    Hooks<BinaryOperator<Tensor[]>> hooks = node.after();
    if (hooks != null) {
      for (BinaryOperator<Tensor[]> hook : hooks) {
        results = visibly(node, "hook", results, r -> hook.apply(r, show(gradients)));
      }
    }
    return results;
  }

  private static Tensor[] visibly(
      Node node, String which, Tensor[] tensors, UnaryOperator<Tensor[]> hook) {
    Tensor[] out = Scope.visibly(() -> hook.apply(show(tensors.clone())));
    if (out == null || out.length != tensors.length) {
      throw TorchException.gradient(
          "%s on %s: it returned %s; allowed: as many gradients as it got, %d"
              .formatted(
                  which,
                  node.name(),
                  out == null ? "null" : out.length + " gradients",
                  tensors.length));
    }
    return out;
  }

  private static Tensor[] show(Tensor[] tensors) {
    for (Tensor t : tensors) {
      if (t != null) {
        visible(t);
      }
    }
    return tensors;
  }

  private static Tensor visible(Tensor t) {
    t.storage().show();
    return t;
  }
}
