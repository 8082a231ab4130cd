package dev.flambeau.torch.optim;

import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.Watcher;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Changes parameters by their gradients. PyTorch: {@code torch.optim.Optimizer}.
 *
 * @param <O> the options of a parameter group
 */
public abstract class Optimizer<O extends GroupOptions<O>> {
  private final Supplier<O> fresh;
  private final O defaults;
  private final List<Group<O>> groups = new ArrayList<>();
  private final Map<Tensor, ParameterState> states = new IdentityHashMap<>();
  private final List<Consumer<Optimizer<O>>> before = new CopyOnWriteArrayList<>();
  private final List<Consumer<Optimizer<O>>> after = new CopyOnWriteArrayList<>();

  /** Parameters that share options; changing these takes effect at the next step. */
  public record Group<O>(List<Tensor> parameters, O options) {}

  Optimizer(Supplier<O> fresh, Consumer<O> options, List<Tensor> parameters) {
    this.fresh = fresh;
    defaults = fresh.get();
    options.accept(defaults);
    defaults.check();
    addParamGroup(parameters, _ -> {});
  }

  /**
   * More parameters, with options that start as those given to the constructor. PyTorch: {@code
   * add_param_group}.
   *
   * @throws TorchException if there are none, or one is no floating point leaf or is there already
   */
  public final void addParamGroup(List<Tensor> parameters, Consumer<O> options) {
    if (parameters.isEmpty()) {
      throw TorchException.argument(name(), "parameters", "an empty list", "at least one");
    }
    Set<Tensor> added = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Tensor p : parameters) {
      if (!p.dtype().isFloat() || !p.isLeaf()) {
        throw TorchException.argument(
            name(), "parameters", "one that was computed or is " + p.dtype(), "float leaves");
      }
      if (states.containsKey(p) || !added.add(p)) {
        throw TorchException.argument(name(), "parameters", "one of them twice", "each once");
      }
      checkParameter(p);
    }
    O own = fresh.get();
    own.copy(defaults);
    options.accept(own);
    own.check();
    added.forEach(p -> states.put(p, newState()));
    groups.add(new Group<>(List.copyOf(parameters), own));
  }

  /** The groups in the order they were added. PyTorch: {@code param_groups}. */
  public final List<Group<O>> groups() {
    return Collections.unmodifiableList(groups);
  }

  /** Forgets the parameters' gradients. */
  public final void zeroGrad() {
    zeroGrad(true);
  }

  /**
   * Forgets the parameters' gradients.
   *
   * @param setToNone false: fills them with zeros instead
   */
  public final void zeroGrad(boolean setToNone) {
    for (Group<O> group : groups) {
      for (Tensor p : group.parameters) {
        if (setToNone) {
          p.history().dropGrad();
        } else {
          p.setGrad(p.grad().map(Tensor::detach));
          p.grad().ifPresent(Tensor::zero_);
        }
      }
    }
  }

  /** Changes every parameter that has a gradient. */
  public void step() {
    hooked(() -> Torch.noGrad(() -> groups.forEach(this::update)));
  }

  /** Runs a step between its hooks. */
  final void hooked(Runnable step) {
    before.forEach(hook -> hook.accept(this));
    Watcher.range(name() + ".step", step);
    after.forEach(hook -> hook.accept(this));
  }

  /**
   * One training step: forgets the gradients, runs {@code loss} forward and backward, changes the
   * parameters. Returns the loss, from before the change and without history.
   */
  public Tensor step(Supplier<Tensor> loss) {
    Tensor value = evaluate(loss);
    step();
    return value;
  }

  /** The loss, with the gradients by it in the parameters. */
  final Tensor evaluate(Supplier<Tensor> loss) {
    zeroGrad();
    Tensor value = loss.get();
    value.backward();
    return value.detach();
  }

  /**
   * Runs {@code hook} before each step; run what is returned to remove it. PyTorch: {@code
   * register_step_pre_hook}.
   */
  public final Runnable registerStepPreHook(Consumer<Optimizer<O>> hook) {
    before.add(hook);
    return () -> before.remove(hook);
  }

  /** The same after each step. PyTorch: {@code register_step_post_hook}. */
  public final Runnable registerStepPostHook(Consumer<Optimizer<O>> hook) {
    after.add(hook);
    return () -> after.remove(hook);
  }

  /**
   * All that is needed to go on later, in PyTorch's form: "state" has tensors and numbers by name
   * for the number of each parameter, "param_groups" a map of options for each group, in which
   * "params" are such numbers. The tensors are the optimizer's own, not copies.
   */
  public final Map<String, Object> stateDict() {
    return StateDict.write(this);
  }

  /**
   * Takes over a state, as {@link #stateDict} or PyTorch makes it; tensors are copied and converted
   * to the parameters' types, options that are unknown here are kept. Nothing is changed if it does
   * not fit.
   *
   * @throws TorchException if groups, numbers of parameters or shapes differ, or an option's value
   *     is not allowed
   */
  public final void loadStateDict(Map<?, ?> saved) {
    StateDict.read(this, saved);
  }

  /** The options as they are before anybody sets them. */
  final O freshOptions() {
    return fresh.get();
  }

  final ParameterState state(Tensor parameter) {
    return states.get(parameter);
  }

  /** Replaces all states. */
  final void states(Map<Tensor, ParameterState> loaded) {
    states.putAll(loaded);
  }

  /** Lets a remembered tensor live as long as its parameter, whatever scope is open now. */
  static Tensor owned(Tensor parameter, Tensor remembered) {
    remembered.storage().liveAsLongAs(parameter.storage());
    return remembered;
  }

  /** Refuses parameters this optimizer is not made for; by default none. */
  void checkParameter(Tensor parameter) {}

  /** Changes a group's parameters, without recording. */
  abstract void update(Group<O> group);

  /** What is remembered of a parameter at first. */
  ParameterState newState() {
    return new ParameterState();
  }

  /** Whether the number of steps is part of a parameter's state. */
  boolean countsSteps() {
    return true;
  }

  /** Names of the numbers in a parameter's state. */
  List<String> numberNames() {
    return List.of();
  }

  /** The shape of a remembered tensor. */
  Shape shapeOf(String buffer, Tensor parameter) {
    return parameter.shape();
  }

  /** A parameter's state as PyTorch writes it. */
  Map<String, Object> save(ParameterState state) {
    return StateDict.parameter(state, countsSteps());
  }

  /** The other way round. */
  ParameterState load(Tensor parameter, Map<?, ?> saved) {
    return StateDict.parameter(this, parameter, saved);
  }

  final String name() {
    return getClass().getSimpleName();
  }

  @Override
  public final String toString() {
    StringBuilder out = new StringBuilder(name()).append(" (");
    for (int i = 0; i < groups.size(); i++) {
      out.append("\nParameter Group ").append(i).append(": ").append(groups.get(i).options());
    }
    return out.append("\n)").toString();
  }
}
