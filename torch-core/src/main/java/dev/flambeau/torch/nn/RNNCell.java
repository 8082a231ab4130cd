package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.Recurrent;
import java.util.Optional;

/** One step of {@link RNN}. PyTorch: {@code torch.nn.RNNCell}. */
public class RNNCell extends RNNCellBase {
  public RNNCell(long inputSize, long hiddenSize) {
    this(inputSize, hiddenSize, true);
  }

  public RNNCell(long inputSize, long hiddenSize, boolean bias) {
    this(inputSize, hiddenSize, bias, false);
  }

  /**
   * The same.
   *
   * @param relu ReLU in the place of tanh
   */
  public RNNCell(long inputSize, long hiddenSize, boolean bias, boolean relu) {
    super(relu ? Recurrent.Cell.RNN_RELU : Recurrent.Cell.RNN_TANH, inputSize, hiddenSize, bias);
  }

  /** The next hidden state. */
  public Tensor forward(Tensor input, Tensor hidden) {
    return step(input, Optional.of(hidden), Optional.empty())[0];
  }
}
