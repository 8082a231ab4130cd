package dev.flambeau.torch.nn;

import dev.flambeau.torch.op.Recurrent;
import java.util.function.Consumer;

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997; forget gates of Gers et al. 2000): c =
 * sigmoid(f) c + sigmoid(i) tanh(g), h = sigmoid(o) tanh(c), where i, f, g, o = W_ih x + b_ih +
 * W_hh h + b_hh, one part of the weights each. PyTorch: {@code torch.nn.LSTM}.
 */
public class LSTM extends RNNBase {
  public LSTM(long inputSize, long hiddenSize) {
    this(inputSize, hiddenSize, _ -> {});
  }

  public LSTM(long inputSize, long hiddenSize, Consumer<RecurrentOptions> options) {
    this(inputSize, hiddenSize, RecurrentOptions.of(options));
  }

  private LSTM(long inputSize, long hiddenSize, RecurrentOptions options) {
    super(Recurrent.Cell.LSTM, inputSize, hiddenSize, options);
  }
}
