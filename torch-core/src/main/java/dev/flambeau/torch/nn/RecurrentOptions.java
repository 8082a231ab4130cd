package dev.flambeau.torch.nn;

import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.op.Recurrent;
import java.util.function.Consumer;

/**
 * Optional attributes of {@link RNN}, {@link LSTM} and {@link GRU}: by default one layer with
 * biases in one direction.
 */
public final class RecurrentOptions {
  int numLayers = 1;
  boolean bias = true;
  boolean batchFirst;
  double dropout;
  boolean bidirectional;
  long projSize;
  private boolean relu;

  private RecurrentOptions() {}

  static RecurrentOptions of(Consumer<RecurrentOptions> set) {
    RecurrentOptions options = new RecurrentOptions();
    set.accept(options);
    return options;
  }

  /** Layers on top of one another. */
  public RecurrentOptions numLayers(int count) {
    numLayers = count;
    return this;
  }

  /** Whether there are biases. */
  public RecurrentOptions bias(boolean on) {
    bias = on;
    return this;
  }

  /** Whether input and output are (batch, steps, features); states are not affected. */
  public RecurrentOptions batchFirst(boolean on) {
    batchFirst = on;
    return this;
  }

  /** Probability of dropout on the outputs of all layers but the last. */
  public RecurrentOptions dropout(double p) {
    dropout = p;
    return this;
  }

  /** Whether each layer also reads from the last step to the first. */
  public RecurrentOptions bidirectional(boolean on) {
    bidirectional = on;
    return this;
  }

  /** Size of the hidden state after a projection, 0 without one; LSTM only (Sak et al. 2014). */
  public RecurrentOptions projSize(long size) {
    projSize = size;
    return this;
  }

  /** ReLU in the place of tanh; RNN only. */
  public RecurrentOptions relu(boolean on) {
    relu = on;
    return this;
  }

  Recurrent.Cell plainCell() {
    return relu ? Recurrent.Cell.RNN_RELU : Recurrent.Cell.RNN_TANH;
  }

  int directions() {
    return bidirectional ? 2 : 1;
  }

  void check(String module, Recurrent.Cell cell, long inputSize, long hiddenSize) {
    F.checkProbability(module + ".dropout", dropout);
    if (inputSize < 0 || hiddenSize < 1 || numLayers < 1) {
      throw TorchException.argument(
          module,
          "input_size, hidden_size, num_layers",
          inputSize + ", " + hiddenSize + ", " + numLayers,
          "positive numbers");
    }
    if (projSize < 0 || projSize >= hiddenSize || projSize > 0 && cell != Recurrent.Cell.LSTM) {
      throw TorchException.argument(
          module, "proj_size", projSize, "0, or for LSTM less than hidden_size " + hiddenSize);
    }
    if (relu && cell != Recurrent.Cell.RNN_RELU) {
      throw TorchException.argument(module, "nonlinearity", "relu", "given for RNN only");
    }
  }

  /** What is not as by default, as PyTorch prints it. */
  String describe() {
    return (projSize == 0 ? "" : ", proj_size=" + projSize)
        + (numLayers == 1 ? "" : ", num_layers=" + numLayers)
        + (bias ? "" : ", bias=False")
        + (batchFirst ? ", batch_first=True" : "")
        + (dropout == 0 ? "" : ", dropout=" + dropout)
        + (bidirectional ? ", bidirectional=True" : "");
  }
}
