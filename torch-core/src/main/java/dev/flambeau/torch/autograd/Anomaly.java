package dev.flambeau.torch.autograd;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;

/** Names the forward call whose backward failed. PyTorch: {@code torch.autograd.detect_anomaly}. */
final class Anomaly {
  private Anomaly() {}

  /** A backward; what it throws tells where the call was made, if that was noted. */
  static Tensor[] traced(Node node, Tensor[] gradients, boolean[] wanted) {
    if (node.site() == null) {
      return node.apply(gradients, wanted);
    }
    try {
      return node.apply(gradients, wanted);
    } catch (RuntimeException e) {
      throw anomaly(node, "the backward of " + node.name() + " failed: " + e.getMessage(), e);
    }
  }

  /** The same, and refuses gradients that are not a number. */
  static Tensor[] watched(Node node, Tensor[] gradients, boolean[] wanted) {
    Tensor[] results = traced(node, gradients, wanted);
    for (int i = 0; i < node.edges().length; i++) {
      if (node.edges()[i] != null && results[i] != null && results[i].isnan().any().item() != 0) {
        throw anomaly(
            node, "the backward of " + node.name() + " returned NaN in gradient " + i, null);
      }
    }
    return results;
  }

  private static TorchException anomaly(Node node, String what, RuntimeException cause) {
    String where =
        node.site() == null
            ? "; to see where it was called, run the forward inside detectAnomaly, too"
            : "; it was called at " + node.site();
    TorchException e = TorchException.gradient(what + where, cause);
    if (node.site() != null) {
      e.addSuppressed(node.site().trace(node.name()));
    }
    return e;
  }
}
