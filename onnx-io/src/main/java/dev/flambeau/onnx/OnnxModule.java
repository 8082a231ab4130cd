package dev.flambeau.onnx;

import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Module;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * An imported ONNX graph as a module. Floating point initializers used as weights are its
 * parameters, running statistics its buffers, under the initializers' names; the rest are constants
 * ({@link ImportOptions} says otherwise). {@code train()} lets Dropout drop and BatchNormalization
 * use the batch, also in files written for inference. Half precision is computed in F32; outputs
 * get the type the file declares. Where no gradient is wanted, quantized layers run in integers and
 * operators on elements are computed together.
 */
public final class OnnxModule extends Module {
  private final Block block;
  private final String file;
  private final Map<String, String> metadata;
  private final Map<Constant, String> names;
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private final Map<String, Module> replaced = new LinkedHashMap<>();

  OnnxModule(Importer.Imported imported, String file, Map<String, String> metadata) {
    this.block = imported.block();
    this.file = file;
    this.metadata = Collections.unmodifiableMap(metadata);
    this.names = names(imported.constants());
    names.forEach(
        (constant, key) -> {
          Tensor value = ((OnnxValue.Numbers) constant.value()).tensor();
          if (constant.role() == Constant.Role.WEIGHT) {
            parameters.put(key, parameter(value));
          } else {
            buffers.put(key, value);
          }
        });
    eval();
  }

  private OnnxModule(OnnxModule source, Block block) {
    this.block = block;
    this.file = source.file;
    this.metadata = source.metadata;
    this.names = source.names;
    this.parameters.putAll(source.parameters);
    this.buffers.putAll(source.buffers);
    this.replaced.putAll(source.replaced);
    forgetUnused();
    train(source.isTraining());
  }

  /** Bodies may use the same name for different constants. */
  private static Map<Constant, String> names(List<Constant> constants) {
    Map<Constant, String> names = new LinkedHashMap<>();
    Set<String> taken = new HashSet<>();
    for (Constant constant : constants) {
      if (constant.role() != Constant.Role.CONSTANT) {
        String key = constant.name();
        for (int i = 1; !taken.add(key); i++) {
          key = constant.name() + "_" + i;
        }
        names.put(constant, key);
      }
    }
    return names;
  }

  private void forgetUnused() {
    Set<Constant> used = Surgery.constants(block);
    names.forEach(
        (constant, key) -> {
          if (!used.contains(constant)) {
            parameters.remove(key);
            buffers.remove(key);
          }
        });
    Set<String> modules = new HashSet<>();
    block.steps.forEach(step -> modules.add(step.node().name()));
    replaced.keySet().retainAll(modules);
  }

  @Override
  protected Map<String, Tensor> ownParameters() {
    return parameters;
  }

  @Override
  protected Map<String, Tensor> ownBuffers(boolean persistentOnly) {
    return buffers;
  }

  @Override
  protected void setTensor(String name, Tensor tensor) {
    Map<String, Tensor> group = parameters.containsKey(name) ? parameters : buffers;
    if (group.replace(name, tensor) == null) {
      throw TorchException.argument("OnnxModule", "name", name, Globs.some(stateDict().keySet()));
    }
    names.forEach(
        (constant, key) -> {
          if (key.equals(name)) {
            constant.set(tensor);
          }
        });
  }

  /** The modules that stand in the place of nodes. */
  @Override
  public Map<String, Module> namedChildren() {
    return replaced;
  }

  /**
   * The file's tensors of numbers that are neither parameters nor buffers, by name: quantized
   * weights, tables, what was folded. Constants inside nodes and bodies are left out.
   */
  public Map<String, Tensor> constants() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (Block.Held held : block.constants) {
      Constant constant = held.constant();
      if (!names.containsKey(constant)
          && !constant.ofNode()
          && constant.value() instanceof OnnxValue.Numbers n) {
        all.put(constant.name(), n.tensor());
      }
    }
    return all;
  }

  @Override
  protected String describe() {
    int nodes = block.steps.size();
    return "inputs=%s, outputs=%s, nodes=%d".formatted(inputs(), outputs(), nodes);
  }

  /** What the file says beside the graph: {@code metadata_props}. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Names of the inputs in the order of {@link #forward(List)}. */
  public List<String> inputs() {
    return block.inputs.stream().map(Block.Port::name).toList();
  }

  /** Names of the outputs in the order in which {@code forward} gives them. */
  public List<String> outputs() {
    return block.outputs.stream().map(Block.Port::name).toList();
  }

  /**
   * The sizes the file declares for an input: numbers, names of open sizes, {@code ?} for any;
   * empty if it says nothing.
   */
  public Optional<List<String>> inputSizes(int input) {
    return block.inputs.get(input).dims().map(Dims::sizes);
  }

  /**
   * Inputs of the declared types and sizes, from {@code generator}: floats normally distributed,
   * integers 0 or 1.
   *
   * @param sizes of open axes, by their names or, such as {@code image:2}, by input and axis; those
   *     it lacks are 1
   * @throws TorchException for an input that is no tensor of numbers, or a size that names nothing
   */
  public List<Tensor> randomInputs(Map<String, Long> sizes, Generator generator) {
    return new ExampleInputs(block.inputs, sizes).random(generator);
  }

  Declared inputType(int i) {
    return block.inputs.get(i).type();
  }

  Declared outputType(int i) {
    return block.outputs.get(i).type();
  }

  Block block() {
    return block;
  }

  /**
   * The parts of the network, outer ones before inner ones, as nodes' or else weights' names tell
   * them; nodes that belong to none are left out.
   */
  public List<Submodule> submodules() {
    Map<Constant, String> weights = new HashMap<>(names);
    weights.values().retainAll(parameters.keySet());
    return new Surgery(block).submodules(weights);
  }

  /**
   * Puts a module in the place of a part such as {@code fc} or {@code layer1.0}, of the node of
   * that name, or of the node that gives the value of that name. What it replaces must take one
   * value, beside constants, and give one. Parameters no longer used are gone; the module's are
   * {@code fc.weight} and so on.
   *
   * @throws TorchException if nothing has this name, or it takes or gives several values
   */
  public void replace(String name, Module module) {
    replace(name, module, in -> List.of(module.call(in.getFirst())), 1);
  }

  /**
   * As above for what takes several values, in the order in which {@link Submodule#inputs} names
   * them.
   *
   * @param forward what is done with them, by use of the module
   */
  public void replace(String name, Module module, UnaryOperator<List<Tensor>> forward) {
    replace(name, module, in -> module.call(in, forward), -1);
  }

  private void replace(
      String name, Module module, UnaryOperator<List<Tensor>> forward, int inputs) {
    String key = name.replaceFirst("^/", "").replace('/', '.');
    new Surgery(block).replace(name, key, forward, inputs);
    module.train(isTraining());
    replaced.put(key, module);
    forgetUnused();
  }

  /**
   * The part of this module that gives these values of the graph, such as the features before a
   * classifier; its parameters are this module's.
   *
   * @throws TorchException if there is no such value
   */
  public OnnxModule withOutputs(String... values) {
    List<Block.Port> ports = new ArrayList<>();
    for (String value : values) {
      Integer slot = block.names.get(value);
      if (slot == null) {
        throw TorchException.argument(
            "OnnxModule.withOutputs",
            "values",
            "'" + value + "'",
            Globs.some(block.names.keySet()));
      }
      ports.add(Block.Port.of(value, slot));
    }
    Block cut = block.withOutputs(ports);
    Surgery.prune(cut);
    return new OnnxModule(this, cut);
  }

  /**
   * Stops training the parameters whose names match a pattern such as {@code encoder.*}, where
   * {@code *} stands for any characters, and returns their names. Weights that an exporter gave
   * names of its own, such as {@code onnx::MatMul_787}, also match with that of the part that takes
   * them in front: {@code encoder.layer.0.attention.self.query.onnx::MatMul_787}.
   *
   * @throws TorchException if a pattern matches none
   */
  public List<String> freeze(String... patterns) {
    return train(false, "OnnxModule.freeze", patterns);
  }

  /** Trains the parameters whose names match a pattern again. */
  public List<String> unfreeze(String... patterns) {
    return train(true, "OnnxModule.unfreeze", patterns);
  }

  private List<String> train(boolean on, String method, String... patterns) {
    Map<String, Tensor> all = namedParameters();
    Map<String, String> candidates = new LinkedHashMap<>();
    all.keySet().forEach(name -> candidates.put(name, name));
    Scopes scopes = new Scopes(block);
    names.forEach(
        (constant, name) -> {
          String part = all.containsKey(name) ? scopes.user(constant) : "";
          if (!part.isEmpty() && !name.startsWith(part + ".")) {
            candidates.put(part + "." + name, name);
          }
        });
    List<String> found =
        Globs.find(method, candidates.keySet(), patterns).stream()
            .map(candidates::get)
            .distinct()
            .toList();
    found.forEach(name -> all.get(name).requiresGrad(on));
    return found;
  }

  /** The first output for a graph with one input. */
  @Override
  public Tensor forward(Tensor input) {
    return forward(List.of(input)).get(0);
  }

  /** All outputs in order for the inputs in order; all must be tensors of numbers. */
  public List<Tensor> forward(List<Tensor> inputs) {
    List<OnnxValue> results = run(inputs.stream().map(OnnxValue::of).toList());
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      out.add(results.get(i).tensor(outputs().get(i)));
    }
    return out;
  }

  /** All outputs by name, in the file's order, for the inputs by name. */
  public Map<String, Tensor> forward(Map<String, Tensor> inputs) {
    if (!inputs.keySet().equals(Set.copyOf(inputs()))) {
      throw TorchException.argument(
          "OnnxModule.forward", "inputs", inputs.keySet(), "exactly " + inputs());
    }
    List<Tensor> results = forward(inputs().stream().map(inputs::get).toList());
    Map<String, Tensor> out = new LinkedHashMap<>();
    for (int i = 0; i < results.size(); i++) {
      out.put(outputs().get(i), results.get(i));
    }
    return out;
  }

  /** All outputs in order for the inputs in order, of whatever kind they are. */
  public List<OnnxValue> run(List<OnnxValue> inputs) {
    Run run = new Run(file, isTraining());
    return run(inputs, wantsGradient(inputs) ? run.apart() : run);
  }

  private boolean wantsGradient(List<OnnxValue> inputs) {
    return Mode.current().grad()
        && (parameters().stream().anyMatch(Tensor::requiresGrad)
            || inputs.stream()
                .anyMatch(v -> v instanceof OnnxValue.Numbers n && n.tensor().requiresGrad()));
  }

  List<OnnxValue> run(List<OnnxValue> inputs, Run run) {
    if (inputs.size() != block.inputs.size()) {
      throw TorchException.argument(
          "OnnxModule.forward",
          "inputs",
          inputs.size() + " values",
          block.inputs.size() + " values: " + inputs());
    }
    OnnxValue[] given = new OnnxValue[inputs.size()];
    Map<String, Dims.Seen> open = new HashMap<>();
    for (int i = 0; i < given.length; i++) {
      Block.Port port = block.inputs.get(i);
      given[i] = port.type().check(inputs.get(i), port.name());
      if (given[i] instanceof OnnxValue.Numbers n && port.dims().isPresent()) {
        port.dims().get().check(port.name(), n.tensor().shape(), open);
      }
    }
    try {
      return List.of(block.run(run, given, new OnnxValue[0]));
    } catch (TorchException e) {
      throw explained(e, given);
    }
  }

  /** A failure after an input of another size than declared names that first. */
  private TorchException explained(TorchException e, OnnxValue[] given) {
    for (int i = 0; i < given.length; i++) {
      Block.Port port = block.inputs.get(i);
      if (given[i] instanceof OnnxValue.Numbers n && port.dims().isPresent()) {
        Optional<String> other = port.dims().get().deviation(n.tensor().shape());
        if (other.isPresent()) {
          return TorchException.format(
              file,
              "input '" + port.name() + "' has " + other.get() + ", and so " + e.getMessage(),
              e);
        }
      }
    }
    return e;
  }
}
