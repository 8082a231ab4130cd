package dev.flambeau.torch.nn;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.HookHandle;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.graph.CompiledFunction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A part of a network: fields and a {@code forward}. Its {@link Tensor} fields are its parameters
 * (made by {@link #parameter}), those marked {@link Buffer} its buffers, its {@code Module} fields
 * its children; an {@code Optional} of either may be empty. Names in {@link #stateDict} are the
 * fields' in snake case. PyTorch: {@code torch.nn.Module}.
 */
public abstract class Module {
  private boolean training = true;
  private final Hooks hooks = new Hooks();
  private Optional<Extras> extras = Optional.empty();

  protected Module() {}

  /**
   * The output for one input.
   *
   * @throws TorchException if this module works on something else and has a method of its own
   */
  public Tensor forward(Tensor input) {
    throw TorchException.argument(
        getClass().getSimpleName(), "forward", "one tensor", "what its own methods take");
  }

  /**
   * {@link #forward} with the hooks of this module around it: what a module calls on those it is
   * made of. PyTorch: {@code module(input)}.
   */
  public final Tensor call(Tensor input) {
    extras.ifPresent(Extras::refresh);
    return hooks.isEmpty()
        ? forward(input)
        : hooks.around(this, List.of(input), in -> List.of(forward(in.get(0)))).get(0);
  }

  /**
   * The same for a method that takes or gives several tensors.
   *
   * @param method what is run, such as {@code in -> List.of(forward(in.get(0), in.get(1)))}
   */
  public final List<Tensor> call(List<Tensor> inputs, UnaryOperator<List<Tensor>> method) {
    extras.ifPresent(Extras::refresh);
    return hooks.isEmpty() ? method.apply(inputs) : hooks.around(this, inputs, method);
  }

  boolean isHooked() {
    return !hooks.isEmpty() || extras.isPresent();
  }

  Extras extras() {
    if (extras.isEmpty()) {
      extras = Optional.of(new Extras(this));
    }
    return extras.get();
  }

  /**
   * Puts a tensor in the place of an own parameter or buffer; overridden with {@link
   * #ownParameters} where these are no fields.
   */
  protected void setTensor(String name, Tensor tensor) {
    Members.set(this, name, tensor);
  }

  final Map<String, Tensor> allParameters() {
    return extras.map(e -> e.parameters(ownParameters())).orElseGet(this::ownParameters);
  }

  final Map<String, Tensor> allBuffers(boolean persistentOnly) {
    Map<String, Tensor> own = ownBuffers(persistentOnly);
    return extras.map(e -> e.buffers(own)).orElse(own);
  }

  final Map<String, Module> allChildren() {
    return extras.map(e -> e.children(namedChildren())).orElseGet(this::namedChildren);
  }

  /**
   * Runs {@code hook} before each {@link #call}; the module works on the inputs it returns, which
   * may be those it was given.
   */
  public HookHandle registerForwardPreHook(ForwardPreHook hook) {
    return hooks.beforeForward(hook);
  }

  /** Runs {@code hook} after each {@link #call}; callers get the outputs it returns. */
  public HookHandle registerForwardHook(ForwardHook hook) {
    return hooks.afterForward(hook);
  }

  /**
   * Runs {@code hook} in each backward through a {@link #call}, when the gradients by its inputs
   * are there; what it returns is passed on. If no input requires a gradient it runs, with none,
   * when those by the outputs are there.
   */
  public HookHandle registerFullBackwardHook(BackwardHook hook) {
    return hooks.afterBackward(hook);
  }

  /** Runs {@code hook} in each backward before gradients go through a {@link #call}. */
  public HookHandle registerFullBackwardPreHook(BackwardPreHook hook) {
    return hooks.beforeBackward(hook);
  }

  /**
   * {@link #forward} as a captured graph with fused operators, for inference: the same numbers but
   * for rounding. In training mode and where gradients are recorded it is {@code forward} itself.
   * Java code in {@code forward} that depends on more than the input's shape and type is fixed by
   * the first call with each shape. PyTorch: {@code torch.compile}.
   */
  public UnaryOperator<Tensor> compile() {
    CompiledFunction compiled = new CompiledFunction(this::forward);
    return input -> training ? forward(input) : compiled.apply(input);
  }

  /** Lets a new tensor be trained; for initializing parameter fields. */
  protected static Tensor parameter(Tensor data) {
    return data.requiresGrad(true);
  }

  /** This module's own parameters by name, without its children's. */
  protected Map<String, Tensor> ownParameters() {
    return Members.parameters(this);
  }

  /** This module's own buffers by name, without its children's. */
  protected Map<String, Tensor> ownBuffers(boolean persistentOnly) {
    return Members.buffers(this, persistentOnly);
  }

  /** The modules this one is made of, by name. */
  public Map<String, Module> namedChildren() {
    return Members.children(this);
  }

  /** The modules this one is made of. */
  public List<Module> children() {
    return new ArrayList<>(allChildren().values());
  }

  /** This module and all below it, each before its children. */
  public List<Module> modules() {
    return new ArrayList<>(namedModules().values());
  }

  /**
   * The module at a path such as {@code layer1.0.conv2}; the empty one is this module's.
   *
   * @throws TorchException naming the part of the path that is not there
   */
  public Module getSubmodule(String path) {
    return Paths.module(this, path);
  }

  /** The parameter at a path such as {@code fc.weight}. */
  public Tensor getParameter(String path) {
    return Paths.tensor(this, path, "parameter", Module::allParameters);
  }

  /** The buffer at a path such as {@code bn1.running_mean}. */
  public Tensor getBuffer(String path) {
    return Paths.tensor(this, path, "buffer", module -> module.allBuffers(false));
  }

  /** This module and all below it, each before its children, by path; this one's path is empty. */
  public Map<String, Module> namedModules() {
    Map<String, Module> all = new LinkedHashMap<>();
    Set<Module> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    walk(
        "",
        (prefix, module) -> {
          if (seen.add(module)) {
            all.put(prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1), module);
          }
        });
    return all;
  }

  /** Runs {@code visit} on this module and all below it, with the prefix of their names. */
  void walk(String prefix, BiConsumer<String, Module> visit) {
    visit.accept(prefix, this);
    allChildren().forEach((name, child) -> child.walk(prefix + name + ".", visit));
  }

  /** Runs {@code action} on every module below this one, then on this; PyTorch: {@code apply}. */
  public Module apply(Consumer<Module> action) {
    allChildren().values().forEach(child -> child.apply(action));
    action.accept(this);
    return this;
  }

  /** All parameters by path; one that is shared appears once. */
  public Map<String, Tensor> namedParameters() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    walk(
        "",
        (prefix, module) ->
            module
                .allParameters()
                .forEach(
                    (name, parameter) -> {
                      if (seen.add(parameter)) {
                        all.put(prefix + name, parameter);
                      }
                    }));
    return all;
  }

  /** All parameters; what an optimizer takes. */
  public List<Tensor> parameters() {
    return new ArrayList<>(namedParameters().values());
  }

  /** All buffers. */
  public List<Tensor> buffers() {
    return new ArrayList<>(namedBuffers().values());
  }

  /** All buffers by path. */
  public Map<String, Tensor> namedBuffers() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    walk("", (prefix, m) -> m.allBuffers(false).forEach((name, b) -> all.put(prefix + name, b)));
    return all;
  }

  /** Parameters and persistent buffers by path, sharing memory with the module. */
  public Map<String, Tensor> stateDict() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    state().forEach((name, tensor) -> all.put(name, tensor.detach()));
    return all;
  }

  private Map<String, Tensor> state() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    walk(
        "",
        (prefix, module) -> {
          module.allParameters().forEach((name, t) -> all.put(prefix + name, t));
          module.allBuffers(true).forEach((name, t) -> all.put(prefix + name, t));
        });
    return all;
  }

  /**
   * Copies a state into this module; element types are converted.
   *
   * @throws TorchException listing the keys that are missing, unexpected or of another shape;
   *     nothing was changed then
   */
  public void loadStateDict(Map<String, Tensor> source) {
    loadStateDict(source, true);
  }

  /**
   * The same.
   *
   * @param strict false: keys may be missing or unexpected; the result lists them
   */
  public StateLoader.Report loadStateDict(Map<String, Tensor> source, boolean strict) {
    Lazy.prepare(this, source);
    Map<String, Tensor> given = StateLoader.withCounts(this, source);
    return StateLoader.load(getClass().getSimpleName(), state(), given, strict);
  }

  /** Whether the module behaves as in training: dropout drops, batch norm uses the batch. */
  public boolean isTraining() {
    return training;
  }

  void setTraining(boolean on) {
    training = on;
  }

  /** Sets training behaviour here and below. */
  public Module train(boolean on) {
    return apply(module -> module.training = on);
  }

  public Module train() {
    return train(true);
  }

  /** Sets inference behaviour here and below. */
  public Module eval() {
    return train(false);
  }

  /** Turns the recording of gradients by all parameters on or off. */
  public Module requiresGrad(boolean on) {
    parameters().forEach(parameter -> parameter.requiresGrad(on));
    return this;
  }

  /** Forgets the parameters' gradients. */
  public void zeroGrad() {
    parameters().forEach(parameter -> parameter.setGrad(Optional.empty()));
  }

  /** Converts floating point parameters and buffers; integers stay. */
  public Module to(DType type) {
    return Conversion.to(this, type);
  }

  /**
   * Moves parameters and buffers.
   *
   * @throws TorchException when leaving {@link Device#META}: there is no data to move
   */
  public Module to(Device device) {
    return Conversion.to(this, device);
  }

  /** The name of the class that {@link #toString} prints; without Lazy once it is initialized. */
  public String typeName() {
    String name = getClass().getSimpleName();
    boolean known = this instanceof LazyModule lazy && lazy.isInitialized();
    return known && name.startsWith("Lazy") ? name.substring("Lazy".length()) : name;
  }

  /**
   * Layers, shapes of their outputs, parameters and memory for an input of this shape, with the
   * batch axis; the module is run once. Print it for a table.
   */
  public Summary summary(long... inputShape) {
    return summary(Summary.input(this, inputShape));
  }

  /** The same for an input. */
  public Summary summary(Tensor input) {
    return Summary.of(this, input);
  }

  /** What {@link #toString} prints between this module's brackets before its children. */
  protected String describe() {
    return "";
  }

  /** The class with its attributes and children, as PyTorch prints it. */
  @Override
  public String toString() {
    return Printer.print(this);
  }
}
