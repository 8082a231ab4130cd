package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.init.Init;
import dev.flambeau.torch.op.Recurrent;
import dev.flambeau.torch.op.RecurrentSteps;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One step of a recurrent network: input (batch, in) or (in), states (batch, hidden) or (hidden).
 * Weights and biases start uniform in +-1/sqrt(hidden). PyTorch: {@code torch.nn.RNNCellBase}.
 */
public abstract class RNNCellBase extends Module {
  public final Tensor weightIh;
  public final Tensor weightHh;
  public final Optional<Tensor> biasIh;
  public final Optional<Tensor> biasHh;
  private final Recurrent.Cell cell;

  RNNCellBase(Recurrent.Cell cell, long inputSize, long hiddenSize, boolean bias) {
    if (inputSize < 0 || hiddenSize < 1) {
      throw TorchException.argument(
          getClass().getSimpleName(),
          "input_size, hidden_size",
          inputSize + ", " + hiddenSize,
          "positive numbers");
    }
    this.cell = cell;
    long rows = cell.gates() * hiddenSize;
    double bound = 1 / Math.sqrt(hiddenSize);
    weightIh = parameter(Init.uniform_(Torch.empty(rows, inputSize), -bound, bound));
    weightHh = parameter(Init.uniform_(Torch.empty(rows, hiddenSize), -bound, bound));
    biasIh = bias(bias, rows, bound);
    biasHh = bias(bias, rows, bound);
  }

  private static Optional<Tensor> bias(boolean wanted, long rows, double bound) {
    return wanted
        ? Optional.of(parameter(Init.uniform_(Torch.empty(rows), -bound, bound)))
        : Optional.empty();
  }

  /** The next hidden state, from a state of zeros. */
  @Override
  public Tensor forward(Tensor input) {
    return step(input, Optional.empty(), Optional.empty())[0];
  }

  Tensor[] step(Tensor input, Optional<Tensor> hidden, Optional<Tensor> cellState) {
    if (input.dim() < 1 || input.dim() > 2 || input.size(-1) != weightIh.size(1)) {
      throw TorchException.shape(
          getClass().getSimpleName(),
          "input",
          input.shape(),
          "(batch, " + weightIh.size(1) + ") or (" + weightIh.size(1) + ")");
    }
    boolean single = input.dim() == 1;
    Tensor x = single ? input.unsqueeze(0) : input;
    Tensor h = state("hx", input, hidden);
    Tensor[] state =
        cell == Recurrent.Cell.LSTM
            ? new Tensor[] {h, state("cx", input, cellState)}
            : new Tensor[] {h};
    Tensor[] next =
        RecurrentSteps.step(
            cell, linear(x, weightIh, biasIh), linear(state[0], weightHh, biasHh), state);
    return single ? Stream.of(next).map(t -> t.squeeze(0)).toArray(Tensor[]::new) : next;
  }

  private static Tensor linear(Tensor x, Tensor weight, Optional<Tensor> bias) {
    Tensor product = x.matmul(weight.t());
    return bias.map(product::add).orElse(product);
  }

  /** A state with a batch axis. */
  private Tensor state(String argument, Tensor input, Optional<Tensor> given) {
    long hidden = weightHh.size(1);
    boolean single = input.dim() == 1;
    long batch = single ? 1 : input.size(0);
    Tensor state = given.orElseGet(() -> input.newZeros(batch, hidden));
    boolean fits = given.isEmpty() || state.dim() == input.dim();
    Tensor rows = fits && state.dim() == 1 ? state.unsqueeze(0) : state;
    if (!fits || rows.size(0) != batch || rows.size(1) != hidden) {
      throw TorchException.shape(
          getClass().getSimpleName(),
          argument,
          state.shape(),
          single ? "(" + hidden + ")" : "(" + batch + ", " + hidden + ")");
    }
    return rows;
  }

  @Override
  protected String describe() {
    return weightIh.size(1)
        + ", "
        + weightHh.size(1)
        + (biasIh.isPresent() ? "" : ", bias=False")
        + (cell == Recurrent.Cell.RNN_RELU ? ", nonlinearity=relu" : "");
  }
}
