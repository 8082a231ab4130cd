package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.Recurrent;
import java.util.Optional;

/** One step of {@link GRU}. PyTorch: {@code torch.nn.GRUCell}. */
public class GRUCell extends RNNCellBase {
  public GRUCell(long inputSize, long hiddenSize) {
    this(inputSize, hiddenSize, true);
  }

  public GRUCell(long inputSize, long hiddenSize, boolean bias) {
    super(Recurrent.Cell.GRU, inputSize, hiddenSize, bias);
  }

  /** The next hidden state. */
  public Tensor forward(Tensor input, Tensor hidden) {
    return step(input, Optional.of(hidden), Optional.empty())[0];
  }
}
