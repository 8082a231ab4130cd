package dev.flambeau.torch.nn;

import dev.flambeau.torch.op.Recurrent;
import java.util.function.Consumer;

/**
 * Gated recurrent unit (Cho et al. 2014): n = tanh(W_in x + b_in + sigmoid(r) (W_hn h + b_hn)), h =
 * (1 - sigmoid(z)) n + sigmoid(z) h, where the weights hold the parts r, z, n in this order.
 * PyTorch: {@code torch.nn.GRU}.
 */
public class GRU extends RNNBase {
  public GRU(long inputSize, long hiddenSize) {
    this(inputSize, hiddenSize, _ -> {});
  }

  public GRU(long inputSize, long hiddenSize, Consumer<RecurrentOptions> options) {
    this(inputSize, hiddenSize, RecurrentOptions.of(options));
  }

  private GRU(long inputSize, long hiddenSize, RecurrentOptions options) {
    super(Recurrent.Cell.GRU, inputSize, hiddenSize, options);
  }
}
