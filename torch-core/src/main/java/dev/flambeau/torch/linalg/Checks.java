package dev.flambeau.torch.linalg;

import dev.flambeau.torch.Device;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.Matrices;

/** What several functions check or prepare. */
final class Checks {
  private Checks() {}

  /** Two operands with the same leading axes. */
  record Pair(Tensor a, Tensor b) {}

  /** Throws if an element of info is not 0; {@code what} is a format with that number. */
  static void succeeded(String operator, String argument, Tensor info, String what) {
    if (!Mode.checking() || info.numel() == 0 || info.device() == Device.META) {
      return;
    }
    long worst = info.amax().itemLong();
    if (worst != 0) {
      throw TorchException.argument(
          operator, argument, what.formatted(worst), "matrices for which " + operator + " exists");
    }
  }

  /** Leading axes broadcast. */
  static Pair broadcast(String operator, Tensor a, Tensor b) {
    Matrices.check(operator, "A", a.meta());
    Matrices.check(operator, "B", b.meta());
    if (a.dtype() != b.dtype()) {
      throw TorchException.type(operator, "B", b.dtype(), "the type of A, " + a.dtype());
    }
    Shape batch = Matrices.batch(a.shape()).broadcast(Matrices.batch(b.shape()), operator);
    return new Pair(
        a.expand(Matrices.shape(batch, a.size(-2), a.size(-1))),
        b.expand(Matrices.shape(batch, b.size(-2), b.size(-1))));
  }

  /** Whether b is one vector for each matrix of a, as PyTorch decides it. */
  static boolean isVector(Tensor a, Tensor b) {
    return b.dim() == 1
        || a.dim() - 1 == b.dim()
            && b.shape().equals(a.shape().reduce(new int[] {a.dim() - 1}, false));
  }
}
