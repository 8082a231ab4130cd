package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.OptionalInt;

/** x - log(sum exp(x)) along an axis. PyTorch: {@code torch.nn.LogSoftmax}. */
public class LogSoftmax extends Module {
  private final OptionalInt axis;

  public LogSoftmax(int axis) {
    this.axis = OptionalInt.of(axis);
  }

  /** Along axis 0 of tensors with 0, 1 or 3 dimensions, else along axis 1, as PyTorch does it. */
  public LogSoftmax() {
    this.axis = OptionalInt.empty();
  }

  @Override
  public Tensor forward(Tensor input) {
    return input.logSoftmax(axis.orElseGet(() -> Softmax.implicit(input)));
  }

  @Override
  protected String describe() {
    return "dim=" + (axis.isPresent() ? axis.getAsInt() : "None");
  }
}
