package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.init.Init;
import dev.flambeau.torch.op.Recurrent;
import dev.flambeau.torch.op.RecurrentSteps;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Layers of recurrent cells. Input: (steps, batch, features), with {@code batchFirst} (batch,
 * steps, features), without a batch (steps, features), or a {@link PackedSequence}. The output has
 * the last layer's hidden states, those of both directions side by side. Weights and biases {@code
 * weight_ih_l0}, {@code weight_hh_l0}, {@code bias_ih_l0}, {@code bias_hh_l0} ... start uniform in
 * +-1/sqrt(hidden). PyTorch: {@code torch.nn.RNNBase}.
 */
public abstract class RNNBase extends Module {
  final Recurrent.Cell cell;
  private final long inputSize;
  private final long hiddenSize;
  private final RecurrentOptions options;
  private final Map<String, Tensor> weights = new LinkedHashMap<>();

  /**
   * What is passed from step to step.
   *
   * @param hidden (layers * directions, batch, hidden), without a batch (layers * directions,
   *     hidden)
   * @param cell the cell state of an LSTM, of the same form
   */
  public record State(Tensor hidden, Optional<Tensor> cell) {
    public State(Tensor hidden) {
      this(hidden, Optional.empty());
    }

    public State(Tensor hidden, Tensor cell) {
      this(hidden, Optional.of(cell));
    }
  }

  /** The last layer's hidden states, and the state of all layers after the last step. */
  public record Output(Tensor output, State state) {}

  /** The same for a packed sequence. */
  public record PackedOutput(PackedSequence output, State state) {}

  RNNBase(Recurrent.Cell cell, long inputSize, long hiddenSize, RecurrentOptions options) {
    this.cell = cell;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.options = options;
    options.check(getClass().getSimpleName(), cell, inputSize, hiddenSize);
    double bound = hiddenSize > 0 ? 1 / Math.sqrt(hiddenSize) : 0;
    for (int layer = 0; layer < options.numLayers; layer++) {
      for (int direction = 0; direction < options.directions(); direction++) {
        addWeights(layer, direction);
      }
    }
    weights.values().forEach(w -> Init.uniform_(w, -bound, bound));
  }

  private void addWeights(int layer, int direction) {
    long in = layer == 0 ? inputSize : outputSize() * options.directions();
    long rows = cell.gates() * hiddenSize;
    String end = "_l" + layer + (direction == 1 ? "_reverse" : "");
    weights.put("weight_ih" + end, parameter(Torch.empty(rows, in)));
    weights.put("weight_hh" + end, parameter(Torch.empty(rows, outputSize())));
    if (options.bias) {
      weights.put("bias_ih" + end, parameter(Torch.empty(rows)));
      weights.put("bias_hh" + end, parameter(Torch.empty(rows)));
    }
    if (options.projSize > 0) {
      weights.put("weight_hr" + end, parameter(Torch.empty(options.projSize, hiddenSize)));
    }
  }

  private long outputSize() {
    return options.projSize > 0 ? options.projSize : hiddenSize;
  }

  @Override
  protected Map<String, Tensor> ownParameters() {
    return Collections.unmodifiableMap(weights);
  }

  @Override
  protected void setTensor(String name, Tensor tensor) {
    if (!weights.containsKey(name)) {
      throw TorchException.argument(
          getClass().getSimpleName(), "name", name, "one of " + weights.keySet());
    }
    weights.put(name, tensor);
  }

  /** The hidden states of all steps, from a state of zeros. */
  @Override
  public Tensor forward(Tensor input) {
    return forward(input, Optional.empty()).output();
  }

  /** All there is to know; without a state it is 0 before the first step. */
  public Output forward(Tensor input, Optional<State> initial) {
    if (input.dim() < 2 || input.dim() > 3 || input.size(-1) != inputSize) {
      throw TorchException.shape(
          getClass().getSimpleName(),
          "input",
          input.shape(),
          "(steps, batch, " + inputSize + ") or (steps, " + inputSize + ")");
    }
    boolean single = input.dim() == 2;
    boolean swapped = options.batchFirst && !single;
    Tensor x = single ? input.unsqueeze(1) : swapped ? input.transpose(0, 1) : input;
    long steps = x.size(0);
    long batch = x.size(1);
    if (steps == 0) {
      throw TorchException.shape(
          getClass().getSimpleName(), "input", input.shape(), "one step at least");
    }
    Optional<State> state =
        initial.map(s -> new State(batched(s.hidden, single), s.cell.map(c -> batched(c, single))));
    List<Long> sizes = Collections.nCopies((int) steps, batch);
    Output out = layers(x.flatten(0, 1), sizes, state);
    Tensor y = out.output.unflatten(0, steps, batch);
    return single
        ? new Output(
            y.squeeze(1),
            new State(out.state.hidden.squeeze(1), out.state.cell.map(c -> c.squeeze(1))))
        : new Output(swapped ? y.transpose(0, 1) : y, out.state);
  }

  private Tensor batched(Tensor state, boolean single) {
    if (state.dim() != (single ? 2 : 3)) {
      throw TorchException.shape(
          getClass().getSimpleName(),
          "hx",
          state.shape(),
          single ? "two dimensions" : "three dimensions");
    }
    return single ? state.unsqueeze(1) : state;
  }

  /** The same for sequences of several lengths; states are in the order before sorting. */
  public PackedOutput forward(PackedSequence input, Optional<State> initial) {
    if (input.data().dim() != 2 || input.data().size(1) != inputSize) {
      throw TorchException.shape(
          getClass().getSimpleName(),
          "input",
          input.data().shape(),
          "data of (elements, " + inputSize + ")");
    }
    Optional<State> state = initial.map(s -> ordered(s, input.sortedIndices()));
    Output out = layers(input.data(), input.sizes(), state);
    return new PackedOutput(
        input.withData(out.output), ordered(out.state, input.unsortedIndices()));
  }

  private static State ordered(State state, Optional<Tensor> order) {
    return order
        .map(
            o ->
                new State(state.hidden.indexSelect(1, o), state.cell.map(c -> c.indexSelect(1, o))))
        .orElse(state);
  }

  private Output layers(Tensor data, List<Long> sizes, Optional<State> initial) {
    int count = options.numLayers * options.directions();
    long batch = sizes.getFirst();
    Tensor hidden = initial.map(State::hidden).orElseGet(() -> zeros(data, batch, outputSize()));
    checkState("hx", hidden, count, batch, outputSize());
    Optional<Tensor> cells = Optional.empty();
    if (cell == Recurrent.Cell.LSTM) {
      cells = initial.flatMap(State::cell);
      if (initial.isPresent() && cells.isEmpty()) {
        throw TorchException.argument(getClass().getSimpleName(), "cx", "absent", "given with hx");
      }
      cells = Optional.of(cells.orElseGet(() -> zeros(data, batch, hiddenSize)));
      checkState("cx", cells.get(), count, batch, hiddenSize);
    }
    List<Tensor> lastHidden = new ArrayList<>();
    List<Tensor> lastCells = new ArrayList<>();
    Tensor x = data;
    for (int layer = 0; layer < options.numLayers; layer++) {
      List<Tensor> outputs = new ArrayList<>();
      for (int direction = 0; direction < options.directions(); direction++) {
        int at = layer * options.directions() + direction;
        Tensor h = hidden.select(0, at);
        Tensor[] out = run(direction == 1, layer, x, sizes, h, cells.map(c -> c.select(0, at)));
        outputs.add(out[0]);
        lastHidden.add(out[1]);
        if (cells.isPresent()) {
          lastCells.add(out[2]);
        }
      }
      x = outputs.size() == 1 ? outputs.getFirst() : Torch.cat(outputs, 1);
      boolean last = layer == options.numLayers - 1;
      x = last ? x : F.dropout(x, options.dropout, isTraining());
    }
    Tensor h = Torch.stack(lastHidden, 0);
    return new Output(
        x, lastCells.isEmpty() ? new State(h) : new State(h, Torch.stack(lastCells, 0)));
  }

  private Tensor zeros(Tensor like, long batch, long size) {
    long layers = (long) options.numLayers * options.directions();
    return like.newZeros(layers, batch, size);
  }

  private void checkState(String argument, Tensor state, long layers, long batch, long size) {
    if (state.dim() != 3
        || state.size(0) != layers
        || state.size(1) != batch
        || state.size(2) != size) {
      throw TorchException.shape(
          getClass().getSimpleName(),
          argument,
          state.shape(),
          "(" + layers + ", " + batch + ", " + size + ")");
    }
  }

  /** One layer in one direction. */
  private Tensor[] run(
      boolean reverse,
      int layer,
      Tensor x,
      List<Long> sizes,
      Tensor hidden,
      Optional<Tensor> cellState) {
    String end = "_l" + layer + (reverse ? "_reverse" : "");
    Recurrent op = new Recurrent(cell, reverse, sizes);
    List<Tensor> in = new ArrayList<>();
    in.add(x);
    in.add(weights.get("weight_ih" + end));
    in.add(weights.get("weight_hh" + end));
    in.add(bias("bias_ih" + end, x));
    in.add(bias("bias_hh" + end, x));
    in.add(hidden);
    cellState.ifPresent(in::add);
    Tensor[] inputs = in.toArray(Tensor[]::new);
    return options.projSize > 0
        ? RecurrentSteps.of(op, inputs, Optional.of(weights.get("weight_hr" + end)))
        : Dispatcher.callAll(op, inputs);
  }

  private Tensor bias(String name, Tensor like) {
    return options.bias ? weights.get(name) : like.newZeros(cell.gates() * hiddenSize);
  }

  @Override
  protected String describe() {
    return inputSize + ", " + hiddenSize + options.describe();
  }
}
