package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.OptionalInt;

/** The softmax of minus the input along an axis. PyTorch: {@code torch.nn.Softmin}. */
public class Softmin extends Module {
  private final OptionalInt axis;

  public Softmin(int axis) {
    this.axis = OptionalInt.of(axis);
  }

  /** Along axis 0 of tensors with 0, 1 or 3 dimensions, else along axis 1, as PyTorch does it. */
  public Softmin() {
    this.axis = OptionalInt.empty();
  }

  @Override
  public Tensor forward(Tensor input) {
    return input.neg().softmax(axis.orElseGet(() -> Softmax.implicit(input)));
  }

  @Override
  protected String describe() {
    return "dim=" + (axis.isPresent() ? axis.getAsInt() : "None");
  }
}
