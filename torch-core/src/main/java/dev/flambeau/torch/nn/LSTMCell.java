package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.op.Recurrent;
import java.util.Optional;

/** One step of {@link LSTM}. PyTorch: {@code torch.nn.LSTMCell}. */
public class LSTMCell extends RNNCellBase {
  public LSTMCell(long inputSize, long hiddenSize) {
    this(inputSize, hiddenSize, true);
  }

  public LSTMCell(long inputSize, long hiddenSize, boolean bias) {
    super(Recurrent.Cell.LSTM, inputSize, hiddenSize, bias);
  }

  /** The next state; without one it was 0. States have no axis of layers. */
  public RNNBase.State forward(Tensor input, Optional<RNNBase.State> state) {
    if (state.isPresent() && state.get().cell().isEmpty()) {
      throw TorchException.argument("LSTMCell", "cx", "absent", "given with hx");
    }
    Tensor[] next =
        step(input, state.map(RNNBase.State::hidden), state.flatMap(RNNBase.State::cell));
    return new RNNBase.State(next[0], next[1]);
  }
}
