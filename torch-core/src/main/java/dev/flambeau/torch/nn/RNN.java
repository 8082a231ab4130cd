package dev.flambeau.torch.nn;

import java.util.function.Consumer;

/**
 * h = tanh(W_ih x + b_ih + W_hh h + b_hh) at each step, or with ReLU (Elman 1990). PyTorch: {@code
 * torch.nn.RNN}.
 */
public class RNN extends RNNBase {
  public RNN(long inputSize, long hiddenSize) {
    this(inputSize, hiddenSize, _ -> {});
  }

  public RNN(long inputSize, long hiddenSize, Consumer<RecurrentOptions> options) {
    this(inputSize, hiddenSize, RecurrentOptions.of(options));
  }

  private RNN(long inputSize, long hiddenSize, RecurrentOptions options) {
    super(options.plainCell(), inputSize, hiddenSize, options);
  }
}
