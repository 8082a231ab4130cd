package dev.flambeau.torch.optim;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Pointwise;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Changes parameters by their gradients. A rule's arithmetic is one pointwise operator per
 * parameter, fused over all its buffers; numbers such as the learning rate are inputs of it, so
 * that changing them compiles nothing. PyTorch: {@code torch.optim.Optimizer}.
 *
 * @param <O> the rule's options
 */
public abstract class Optimizer<O extends Optimizer.Options> {
  private final O defaults;
  private final List<Group<O>> groups = new ArrayList<>();
  private final Map<Tensor, State> states = new IdentityHashMap<>();
  private final Map<DType, Tensor[]> scalars = new EnumMap<>(DType.class);

  /** What every rule has. */
  public abstract static class Options {
    private double learningRate;

    Options(double learningRate) {
      this.learningRate = learningRate;
    }

    public double lr() {
      return learningRate;
    }

    /** The learning rate, 0 or more. */
    public Options lr(double value) {
      learningRate = atLeastZero("lr", value);
      return this;
    }

    static double atLeastZero(String name, double value) {
      if (!(value >= 0)) {
        throw TorchException.argument("optimizer", name, value, "0 or more");
      }
      return value;
    }

    abstract Options copy();
  }

  /** Parameters that share options; changing these takes effect at the next step. */
  public record Group<O>(List<Tensor> parameters, O options) {}

  /** What a rule remembers of one parameter. */
  static final class State {
    private long steps;
    private Tensor[] buffers;

    long steps() {
      return steps;
    }

    Tensor buffer(int index) {
      return buffers[index];
    }
  }

  Optimizer(O defaults, List<Tensor> parameters) {
    this.defaults = defaults;
    addGroup(parameters, _ -> {});
  }

  /**
   * More parameters, with options that start as those given to the constructor.
   *
   * @throws TorchException if there are none, or one is no leaf, needs no gradient, or is there
   *     already
   */
  public final void addGroup(List<Tensor> parameters, Consumer<O> options) {
    if (parameters.isEmpty()) {
      throw TorchException.argument("optimizer", "parameters", "an empty list", "at least one");
    }
    for (Tensor p : parameters) {
      if (!p.dtype().isFloat() || !p.isLeaf()) {
        throw TorchException.argument(
            "optimizer", "parameters", "one that was computed or is " + p.dtype(), "float leaves");
      }
      if (states.put(p, new State()) != null) {
        throw TorchException.argument("optimizer", "parameters", "one of them twice", "each once");
      }
    }
    @SuppressWarnings("unchecked") // each Options class copies itself
    O own = (O) defaults.copy();
    options.accept(own);
    groups.add(new Group<>(List.copyOf(parameters), own));
  }

  /** The groups in the order they were added. */
  public List<Group<O>> groups() {
    return Collections.unmodifiableList(groups);
  }

  /** Forgets the parameters' gradients. */
  public void zeroGrad() {
    states.keySet().forEach(p -> p.setGrad(Optional.empty()));
  }

  /** Changes every parameter that has a gradient. */
  public void step() {
    Torch.noGrad(
        () -> {
          for (Group<O> group : groups) {
            for (Tensor p : group.parameters) {
              p.grad().ifPresent(g -> update(group.options, p, g));
            }
          }
        });
  }

  /**
   * One training step: forgets the gradients, runs {@code loss} forward and backward, changes the
   * parameters. Returns the loss, from before the change and without history.
   */
  public Tensor step(Supplier<Tensor> loss) {
    zeroGrad();
    Tensor value = loss.get();
    value.backward();
    step();
    return value.detach();
  }

  private void update(O options, Tensor p, Tensor g) {
    State state = states.get(p);
    if (state.buffers == null) {
      state.buffers = new Tensor[buffers(options)];
      for (int i = 0; i < state.buffers.length; i++) {
        state.buffers[i] = p.detach().zerosLike();
        state.buffers[i].storage().liveAsLongAs(p.storage());
      }
    }
    state.steps++;
    Pointwise rule = rule(options);
    Tensor[] targets = new Tensor[1 + state.buffers.length];
    targets[0] = p;
    System.arraycopy(state.buffers, 0, targets, 1, state.buffers.length);
    Tensor[] numbers = fill(p, numbers(options, state));
    Tensor[] inputs = new Tensor[targets.length + 1 + numbers.length];
    inputs[0] = p;
    inputs[1] = g;
    System.arraycopy(state.buffers, 0, inputs, 2, state.buffers.length);
    System.arraycopy(numbers, 0, inputs, targets.length + 1, numbers.length);
    Dispatcher.update(rule, targets, inputs);
  }

  /** The same 0-d tensors each time, with new values. */
  private Tensor[] fill(Tensor p, double[] values) {
    DType type = p.dtype().compute();
    Tensor[] tensors = scalars.get(type);
    if (tensors == null) {
      tensors = new Tensor[values.length];
      for (int i = 0; i < values.length; i++) {
        tensors[i] = Torch.empty(type);
        tensors[i].storage().liveAsLongAs(p.storage());
      }
      scalars.put(type, tensors);
    }
    for (int i = 0; i < values.length; i++) {
      Memory.real(type, tensors[i].address(), values[i]);
    }
    return tensors;
  }

  /** How many tensors a parameter's state has. */
  abstract int buffers(O options);

  /**
   * The operator from parameter, gradient, buffers and {@link #numbers} to the new parameter and
   * buffers.
   */
  abstract Pointwise rule(O options);

  /** The operator's 0-d inputs at this step; always as many. */
  abstract double[] numbers(O options, State state);
}
