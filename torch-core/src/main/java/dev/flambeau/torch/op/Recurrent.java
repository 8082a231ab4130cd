package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Scope;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One layer of a recurrent network in one direction, over all steps. The sequences are sorted by
 * falling length and stored step by step, as in a packed sequence: {@code batchSizes} tells how
 * many are still there at each step. Inputs: x (elements, in), weights by input (gates hidden, in)
 * and by hidden state (gates hidden, hidden), a bias for each, the first hidden state (batch,
 * hidden) and, for LSTM, cell state. Outputs: hidden states of all steps, the last hidden state,
 * for LSTM the last cell state, then what the gradient needs. PyTorch: one layer of {@code
 * torch.nn.RNN}, {@code LSTM}, {@code GRU}.
 *
 * @param reverse from the last step to the first
 */
public record Recurrent(Cell cell, boolean reverse, List<Long> batchSizes) implements Structured {
  /** What is computed at each step. */
  public enum Cell {
    RNN_TANH(1),
    RNN_RELU(1),
    LSTM(4),
    GRU(3);

    private final int gates;

    Cell(int gates) {
      this.gates = gates;
    }

    /** How many times the hidden size the weights have rows. */
    public int gates() {
      return gates;
    }
  }

  /** All sequences of one length. */
  public static Recurrent of(Cell cell, boolean reverse, long steps, long batch) {
    Long[] sizes = new Long[(int) steps];
    Arrays.fill(sizes, batch);
    return new Recurrent(cell, reverse, List.of(sizes));
  }

  @Override
  public String name() {
    return switch (cell) {
      case RNN_TANH -> "rnn_tanh";
      case RNN_RELU -> "rnn_relu";
      case LSTM -> "lstm";
      case GRU -> "gru";
    };
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta x = inputs[0];
    long elements = batchSizes.stream().mapToLong(Long::longValue).sum();
    long hidden = inputs[5].size(1);
    long rows = cell.gates * hidden;
    check(inputs[0], "input", elements, inputs[1].size(1));
    check(inputs[1], "weight_ih", rows, x.size(1));
    check(inputs[2], "weight_hh", rows, hidden);
    check(inputs[3], "bias_ih", rows);
    check(inputs[4], "bias_hh", rows);
    check(inputs[5], "hx", batchSizes.isEmpty() ? 0 : batchSizes.getFirst(), hidden);
    for (Meta input : inputs) {
      if (input.dtype() != x.dtype() || !x.dtype().isFloat()) {
        throw TorchException.type(
            name(), "weights and states", input.dtype(), "the input's type, of floating point");
      }
    }
    Meta all = Meta.contiguous(x.dtype(), x.device(), Shape.of(elements, hidden));
    Meta gates = Meta.contiguous(x.dtype(), x.device(), Shape.of(elements, rows));
    Meta last = Meta.contiguous(x.dtype(), x.device(), inputs[5].shape());
    return switch (cell) {
      case RNN_TANH, RNN_RELU -> new Meta[] {all, last};
      case GRU -> new Meta[] {all, last, gates, all};
      case LSTM -> {
        check(inputs[6], "cx", last.size(0), hidden);
        yield new Meta[] {all, last, last, gates, all};
      }
    };
  }

  private void check(Meta meta, String argument, long... sizes) {
    if (!meta.shape().equals(Shape.of(sizes))) {
      throw TorchException.shape(name(), argument, meta.shape(), Shape.of(sizes).toString());
    }
  }

  @Override
  public Saves saves() {
    Saves inputs = Saves.inputs(0, 1, 2, 3, 4, 5);
    return switch (cell) {
      case RNN_TANH, RNN_RELU -> inputs.andOutputs(0);
      case GRU -> inputs.andOutputs(0, 2, 3);
      case LSTM -> inputs.andInputs(6).andOutputs(0, 3, 4);
    };
  }

  @Override
  public Optional<Tensor[]> decompose(Tensor[] inputs) {
    return Optional.of(kept(() -> new RecurrentLoop(this, inputs[5].size(1)).forward(inputs)));
  }

  /** Gives what the steps need besides their results back at once. */
  private static Tensor[] kept(Supplier<Tensor[]> steps) {
    try (Scope scope = Scope.open()) {
      Tensor[] out = steps.get();
      for (Tensor t : out) {
        scope.keep(t);
      }
      return out;
    }
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    if (Mode.current().grad()) {
      return composedBackward(saved, gradients);
    }
    Tensor x = saved.input(0);
    Tensor byInput = saved.input(1);
    Tensor byHidden = saved.input(2);
    Tensor y = saved.output(0);
    Tensor before = previous(y, saved.input(5));
    List<Tensor> in = new ArrayList<>(List.of(orZeros(gradients[0], y)));
    in.add(orZeros(gradients[1], saved.input(5)));
    in.add(byHidden);
    switch (cell) {
      case RNN_TANH, RNN_RELU -> in.add(y);
      case GRU -> in.addAll(List.of(saved.output(2), saved.output(3), before));
      case LSTM -> {
        Tensor cells = saved.output(4);
        Tensor cellsBefore = previous(cells, saved.input(6));
        in.addAll(List.of(saved.output(3), cells, cellsBefore));
        in.add(orZeros(gradients[2], saved.input(6)));
      }
    }
    Tensor[] steps = Dispatcher.callAll(new Backward(this), in.toArray(Tensor[]::new));
    Tensor g = steps[0];
    Tensor gHidden = cell == Cell.GRU ? steps[2] : g;
    Tensor[] out = new Tensor[saved.inputs()];
    out[0] = saved.needs(0) ? g.matmul(byInput) : null;
    out[1] = saved.needs(1) ? g.t().matmul(x) : null;
    out[2] = saved.needs(2) ? gHidden.t().matmul(before) : null;
    out[3] = saved.needs(3) ? g.sum(new int[] {0}, false) : null;
    if (saved.needs(4)) {
      out[4] = cell != Cell.GRU && out[3] != null ? out[3] : gHidden.sum(new int[] {0}, false);
    }
    out[5] = steps[1];
    if (cell == Cell.LSTM) {
      out[6] = steps[2];
    }
    return out;
  }

  private static Tensor orZeros(Tensor gradient, Tensor like) {
    return gradient == null ? like.detach().zerosLike() : gradient.contiguous();
  }

  /** Each step's state before it, given those after. */
  private Tensor previous(Tensor states, Tensor first) {
    long batch = first.size(0);
    long rest = states.size(0) - batch;
    if (batchSizes.isEmpty()) {
      return states;
    }
    if (batchSizes.getLast() == batch) {
      return reverse
          ? Torch.cat(List.of(states.narrow(0, batch, rest), first), 0)
          : Torch.cat(List.of(first, states.narrow(0, 0, rest)), 0);
    }
    long[] rows = new long[(int) states.size(0)];
    long start = 0;
    for (int t = 0; t < batchSizes.size(); t++) {
      int other = reverse ? t + 1 : t - 1;
      long known = other < 0 || other == batchSizes.size() ? 0 : batchSizes.get(other);
      long from = reverse ? start + batchSizes.get(t) : start - known;
      for (long i = 0; i < batchSizes.get(t); i++) {
        rows[(int) (start + i)] = i < known ? from + i : states.size(0) + i;
      }
      start += batchSizes.get(t);
    }
    return Torch.cat(List.of(states, first), 0).indexSelect(0, Torch.tensor(rows));
  }

  /** By the derivatives of the operators it is composed of, which can be derived again. */
  private Tensor[] composedBackward(Saved saved, Tensor[] gradients) {
    Tensor[] in = new Tensor[saved.inputs()];
    List<Tensor> wanted = new ArrayList<>();
    for (int i = 0; i < in.length; i++) {
      in[i] = saved.input(i);
      if (saved.needs(i)) {
        wanted.add(in[i]);
      }
    }
    Tensor[] states = RecurrentSteps.of(this, in, Optional.empty());
    Tensor loss = Torch.zeros(in[0].dtype());
    for (int k = 0; k < states.length; k++) {
      if (gradients[k] != null) {
        loss = loss.add(states[k].mul(gradients[k]).sum());
      }
    }
    List<Tensor> found = Torch.grad(loss, wanted, true);
    Tensor[] out = new Tensor[in.length];
    int next = 0;
    for (int i = 0; i < in.length; i++) {
      out[i] = saved.needs(i) ? found.get(next++) : null;
    }
    return out;
  }

  /**
   * The steps of the first derivative. Inputs: gradients by all hidden states and by the last one,
   * the weight by hidden state, then hidden states (RNN); gates, the new gate's hidden part, states
   * before (GRU); gates, cells, cells before, gradient by the last cell state (LSTM). Outputs:
   * gradients by the gates before their functions, by the first hidden state, then by the hidden
   * parts of the gates (GRU) or the first cell state (LSTM).
   */
  public record Backward(Recurrent forward) implements Structured {
    @Override
    public String name() {
      return forward.name() + "_backward";
    }

    @Override
    public Meta[] infer(Meta[] inputs) {
      Meta first = Meta.contiguous(inputs[0].dtype(), inputs[0].device(), inputs[1].shape());
      Shape rows = Shape.of(inputs[0].size(0), inputs[2].size(0));
      Meta gates = Meta.contiguous(inputs[0].dtype(), inputs[0].device(), rows);
      return switch (forward.cell) {
        case RNN_TANH, RNN_RELU -> new Meta[] {gates, first};
        case GRU -> new Meta[] {gates, first, gates};
        case LSTM -> new Meta[] {gates, first, first};
      };
    }

    @Override
    public Saves saves() {
      return Saves.NOTHING;
    }

    @Override
    public Optional<Tensor[]> decompose(Tensor[] inputs) {
      return Optional.of(
          kept(() -> new RecurrentLoop(forward, inputs[1].size(1)).backward(inputs)));
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor[] gradients) {
      throw TorchException.gradient(name() + " has no derivative of its own");
    }
  }
}
