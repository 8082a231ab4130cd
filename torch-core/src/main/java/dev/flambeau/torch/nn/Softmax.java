package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.OptionalInt;

/** exp(x) / sum exp(x) along an axis. PyTorch: {@code torch.nn.Softmax}. */
public class Softmax extends Module {
  private final OptionalInt axis;

  public Softmax(int axis) {
    this.axis = OptionalInt.of(axis);
  }

  /** Along axis 0 of tensors with 0, 1 or 3 dimensions, else along axis 1, as PyTorch does it. */
  public Softmax() {
    this.axis = OptionalInt.empty();
  }

  static int implicit(Tensor input) {
    return input.dim() < 2 || input.dim() == 3 ? 0 : 1;
  }

  @Override
  public Tensor forward(Tensor input) {
    return input.softmax(axis.orElseGet(() -> implicit(input)));
  }

  @Override
  protected String describe() {
    return "dim=" + (axis.isPresent() ? axis.getAsInt() : "None");
  }
}
